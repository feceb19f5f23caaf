/** What this device is called in a person's list of devices, until they name it themselves. */
export function deviceName(userAgent: string): string {
  const system = [
    ["iPhone", "iPhone"],
    ["iPad", "iPad"],
    ["Android", "Android"],
    ["Windows", "Windows"],
    ["Mac OS", "Mac"],
    ["Linux", "Linux"],
  ].find(([mark]) => userAgent.includes(mark ?? ""));
  const browser = ["Edg", "Firefox", "Chrome", "Safari"].find((mark) => userAgent.includes(mark));
  return [browser === "Edg" ? "Edge" : browser, system?.[1]].filter(Boolean).join(" · ");
}
