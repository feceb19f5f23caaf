/**
 * Messages whose keys are not here yet: tried again, more and more rarely, because a key may still be on its way from
 * another device to the backup. Until the last try a message counts as waiting.
 */
import type { MatrixClient, MatrixEvent } from "matrix-js-sdk";
import type { CryptoBackend } from "matrix-js-sdk/lib/common-crypto/CryptoBackend";
import { CryptoEvent, DecryptionFailureCode } from "matrix-js-sdk/lib/crypto-api";

const TRIES_MS = [2_000, 5_000, 10_000, 20_000, 60_000];
// Was not meant for the person; if somebody shares it later, it comes by itself.
const FINAL = DecryptionFailureCode.HISTORICAL_MESSAGE_USER_NOT_JOINED;

interface Missing {
  event: MatrixEvent;
  tries: number;
  timer: ReturnType<typeof setTimeout> | undefined;
}

export class MissingKeys {
  private readonly missing = new Map<string, Missing>();
  private isFollowing = false;

  constructor(
    private readonly client: MatrixClient,
    private readonly changed: () => void,
  ) {}

  /** Take note of a message that could not be decrypted. */
  note(event: MatrixEvent): void {
    const id = event.getId();
    if (id === undefined || this.missing.has(id) || event.decryptionFailureReason === FINAL) return;
    this.follow();
    const missing: Missing = { event, tries: 0, timer: undefined };
    this.missing.set(id, missing);
    this.tryLater(missing);
  }

  /** Whether the message may still become readable by itself. */
  isWaiting(event: MatrixEvent): boolean {
    if (event.decryptionFailureReason === FINAL) return false;
    return (this.missing.get(event.getId() ?? "")?.tries ?? 0) < TRIES_MS.length;
  }

  /** Forget everything: what nobody looks at is not tried. */
  stop(): void {
    for (const { timer } of this.missing.values()) clearTimeout(timer);
    this.missing.clear();
    this.client.off(CryptoEvent.KeyBackupDecryptionKeyCached, this.again);
    this.isFollowing = false;
  }

  private follow(): void {
    if (this.isFollowing) return;
    this.isFollowing = true;
    this.client.on(CryptoEvent.KeyBackupDecryptionKeyCached, this.again);
  }

  /** The device was unlocked: whatever had been given up may be in the backup. */
  private again = (): void => {
    for (const missing of this.missing.values()) {
      clearTimeout(missing.timer);
      missing.tries = 0;
      this.tryLater(missing);
    }
    this.changed();
  };

  private tryLater(missing: Missing): void {
    missing.timer = setTimeout(() => this.retry(missing), TRIES_MS[missing.tries]);
  }

  private async retry(missing: Missing): Promise<void> {
    const { event } = missing;
    if (!event.isDecryptionFailure()) return;
    const crypto = this.client.getCrypto() as CryptoBackend | undefined;
    if (crypto !== undefined) await event.attemptDecryption(crypto, { isRetry: true }).catch(() => undefined);
    // Meanwhile nobody may be looking any more.
    if (this.missing.get(event.getId() ?? "") !== missing) return;
    missing.tries += 1;
    if (missing.tries < TRIES_MS.length) this.tryLater(missing);
    this.changed();
  }
}
