import react from "@vitejs/plugin-react";
import { defineConfig, loadEnv } from "vite";

export default defineConfig(({ mode }) => {
  // The server that answers while the client is being developed.
  const homeserver = loadEnv(mode, ".", "MYELIN_").MYELIN_URL ?? "http://127.0.0.1:8008";
  return {
    plugins: [react()],
    // Chromium 109 and Safari 16.4 are the oldest browsers that hospitals are promised.
    build: { target: ["chrome109", "safari16.4"], chunkSizeWarningLimit: 1500 },
    server: { proxy: { "/_matrix": homeserver, "/_myelin": homeserver, "/.well-known": homeserver } },
  };
});
