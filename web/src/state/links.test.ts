import { expect, test } from "vitest";
import { allowedAddress, hostOf } from "./links";

const HOSTS = ["reports.hospital.test", "*.pacs.test"];

test.each(["https://reports.hospital.test/r/17?x=1#a", "https://a.pacs.test/", "HTTPS://REPORTS.hospital.test/"])(
  "%s may be opened",
  (url) => expect(allowedAddress(url, HOSTS)).toBe(new URL(url).href),
);

test.each([
  "http://reports.hospital.test/",
  "https://reports.hospital.test:8443/",
  "https://user@reports.hospital.test/",
  "https://reports.hospital.test@evil.test/",
  "https://reports.hospital.test.evil.test/",
  "https://evilreports.hospital.test/",
  "https://pacs.test/",
  "https://evil-pacs.test/",
  "https://repörts.hospital.test/",
  "javascript:alert(1)",
  "data:text/html,x",
  "//reports.hospital.test/",
  "/r/17",
  "",
])("%s may not", (url) => expect(allowedAddress(url, HOSTS)).toBeUndefined());

test("without a list nothing may be opened, and an address names its host", () => {
  expect(allowedAddress("https://reports.hospital.test/", [])).toBeUndefined();
  expect([hostOf("https://evil.test/x"), hostOf("?")]).toEqual(["evil.test", ""]);
});
