/** The files of one version of the client, stored together: no page ever meets files of two versions. */

export interface ShellFile {
  url: string;
  /** Nothing where the name holds a hash of what is in it. */
  revision: string | null;
}

const PREFIX = "myelin-shell-";
const INDEX = "index.html";

export class Shell {
  private readonly name: string;
  private readonly paths: ReadonlySet<string>;

  constructor(
    private readonly caches: CacheStorage,
    files: readonly ShellFile[],
  ) {
    this.paths = new Set(files.map(({ url }) => pathOf(url)));
    // The page names every script by its hash, so it is another one in each version.
    this.name = PREFIX + (files.find(({ url }) => url === INDEX)?.revision ?? "0");
  }

  has(path: string): boolean {
    return this.paths.has(path);
  }

  /** Store all or nothing. What has a hash in its name mostly lies in the browser's own cache already. */
  async store(): Promise<void> {
    const cache = await this.caches.open(this.name);
    await cache.addAll(
      [...this.paths].map((path) => new Request(path, path.startsWith("/assets/") ? {} : { cache: "no-cache" })),
    );
  }

  async dropOthers(): Promise<void> {
    const names = await this.caches.keys();
    const others = names.filter((name) => name.startsWith(PREFIX) && name !== this.name);
    await Promise.all(others.map((name) => this.caches.delete(name)));
  }

  async answer(request: Request, path: string): Promise<Response> {
    const cache = await this.caches.open(this.name);
    return (await cache.match(path, { ignoreVary: true })) ?? fetch(request);
  }
}

/** The server gives the page at `/` alone. */
function pathOf(url: string): string {
  return url === INDEX ? "/" : `/${url}`;
}
