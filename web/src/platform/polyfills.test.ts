import { expect, test } from "vitest";
import { withResolvers } from "./polyfills";

test("a promise is settled from outside", async () => {
  const fulfilled = withResolvers.call(Promise);
  fulfilled.resolve("settled");
  await expect(fulfilled.promise).resolves.toBe("settled");
  const failing = withResolvers.call(Promise);
  failing.reject(new Error("refused"));
  await expect(failing.promise).rejects.toThrow("refused");
});
