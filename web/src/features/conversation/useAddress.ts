import { useEffect, useState } from "react";
import type { MediaSource } from "../../matrix/attachment";
import type { Media } from "../../matrix/media";

export type Address = { kind: "loading" } | { kind: "ready"; url: string } | { kind: "failed" };

/** The address of a file while a view shows it; nothing is loaded without a source. */
export function useAddress(media: Media, source: MediaSource | undefined): Address {
  const [address, setAddress] = useState<Address>({ kind: "loading" });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the same address is the same file.
  useEffect(() => {
    if (source === undefined) return;
    let isWanted = true;
    const show = (next: Address) => isWanted && setAddress(next);
    media.acquire(source).then(
      (url) => show({ kind: "ready", url }),
      () => show({ kind: "failed" }),
    );
    return () => {
      isWanted = false;
      media.release(source);
    };
  }, [media, source?.url]);
  return address;
}

/** Hand a file to the person, under its name. */
export async function download(media: Media, source: MediaSource, name: string): Promise<void> {
  const url = URL.createObjectURL(await media.load({ ...source, mimetype: "" }));
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  // The browser has taken hold of the file by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
