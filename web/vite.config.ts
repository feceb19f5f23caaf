import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, loadEnv, type Plugin } from "vite";
import { VitePWA } from "vite-plugin-pwa";

// The largest of all is the encryption, 8 MB.
const SHELL_LIMIT_BYTES = 20_000_000;
const COMPRESSED = /\.(css|html|js|json|svg|wasm|webmanifest)$/;
// Below this a compressed file saves nobody a packet.
const WORTH_BYTES = 1024;

/** Lay the brotli and gzip forms beside each file, so that the server compresses nothing. */
function precompressed(): Plugin {
  let outDir = "";
  return {
    name: "precompressed",
    apply: "build",
    configResolved(config) {
      outDir = config.build.outDir;
    },
    closeBundle() {
      for (const name of readdirSync(outDir, { recursive: true, encoding: "utf8" })) {
        if (COMPRESSED.test(name)) compress(join(outDir, name));
      }
    },
  };
}

function compress(file: string): void {
  const content = readFileSync(file);
  if (content.length < WORTH_BYTES) return;
  // Quality 11 takes half a minute for the encryption and saves a tenth against 9.
  const quality = content.length > 1_000_000 ? 9 : 11;
  writeFileSync(`${file}.br`, brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } }));
  writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
}

/** Build the service worker, with the list of all that the client needs without a network. */
function serviceWorker() {
  return VitePWA({
    strategies: "injectManifest",
    srcDir: "src/worker",
    filename: "sw.ts",
    injectRegister: null,
    manifest: false,
    injectManifest: {
      globPatterns: ["**/*.{css,html,js,png,svg,wasm,webmanifest}"],
      maximumFileSizeToCacheInBytes: SHELL_LIMIT_BYTES,
      rollupFormat: "iife",
    },
  });
}

export default defineConfig(({ mode }) => {
  // The server that answers while the client is being developed.
  const homeserver = loadEnv(mode, ".", "MYELIN_").MYELIN_URL ?? "http://127.0.0.1:8008";
  return {
    plugins: [react(), serviceWorker(), precompressed()],
    // Chromium 109 and Safari 16.4 are the oldest browsers that hospitals are promised.
    build: { target: ["chrome109", "safari16.4"], chunkSizeWarningLimit: 1500 },
    server: { proxy: { "/_matrix": homeserver, "/_myelin": homeserver, "/.well-known": homeserver } },
  };
});
