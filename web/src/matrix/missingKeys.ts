/**
 * Messages whose keys are not here yet: tried again, more and more rarely, because a key may still be on its way from
 * another device to the backup. Until the last try a message counts as waiting.
 */
import type { MatrixClient, MatrixEvent } from "matrix-js-sdk";
import type { CryptoBackend } from "matrix-js-sdk/lib/common-crypto/CryptoBackend";

const TRIES_MS = [2_000, 5_000, 10_000, 20_000, 60_000];

export class MissingKeys {
  private readonly tries = new Map<string, number>();

  constructor(
    private readonly client: MatrixClient,
    private readonly changed: () => void,
  ) {}

  /** Take note of a message that could not be decrypted. */
  note(event: MatrixEvent): void {
    const id = event.getId();
    if (id === undefined || this.tries.has(id)) return;
    this.tries.set(id, 0);
    this.tryLater(id, event);
  }

  /** Whether the message may still become readable by itself. */
  isWaiting(event: MatrixEvent): boolean {
    return (this.tries.get(event.getId() ?? "") ?? 0) < TRIES_MS.length;
  }

  private tryLater(id: string, event: MatrixEvent): void {
    const done = this.tries.get(id) ?? 0;
    setTimeout(async () => {
      if (!event.isDecryptionFailure()) return;
      await event.attemptDecryption(this.client.getCrypto() as CryptoBackend, { isRetry: true });
      this.tries.set(id, done + 1);
      if (done + 1 < TRIES_MS.length) this.tryLater(id, event);
      this.changed();
    }, TRIES_MS[done]);
  }
}
