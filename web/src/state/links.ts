/** Where a card's link may lead: to hosts that the site has named, and nowhere else. */

/** Return the address to open, nothing where the site does not allow it. `*.hospital.example` allows all below it. */
export function allowedAddress(url: string, hosts: readonly string[]): string | undefined {
  const parsed = parsedUrl(url);
  if (parsed === undefined || parsed.protocol !== "https:" || parsed.port !== "") return undefined;
  if (parsed.username !== "" || parsed.password !== "") return undefined;
  const isAllowed = hosts.some((host) =>
    host.startsWith("*.") ? parsed.hostname.endsWith(host.slice(1)) : parsed.hostname === host,
  );
  return isAllowed ? parsed.href : undefined;
}

/** The host of an address, for people to read; nothing where it is none. */
export function hostOf(url: string): string {
  return parsedUrl(url)?.hostname ?? "";
}

// Chromium 109 has no `URL.parse` and no `URL.canParse`.
function parsedUrl(url: string): URL | undefined {
  try {
    return new URL(url);
  } catch {
    return undefined;
  }
}
