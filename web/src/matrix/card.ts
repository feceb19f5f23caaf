/** The recovery card (恢复卡): a random key, written as the specification writes keys for people. */
import { decodeRecoveryKey, encodeRecoveryKey } from "matrix-js-sdk/lib/crypto-api/recovery-key";
import type { SecretKey } from "./secretStore";

export function freshCard(): SecretKey {
  return crypto.getRandomValues(new Uint8Array(32));
}

/** Return what is printed, in groups of four. */
export function cardText(key: SecretKey): string {
  return encodeRecoveryKey(key) ?? "";
}

/** Return the key that somebody typed or scanned; nothing where a character is wrong, which the card's own check tells. */
export function cardKey(text: string): SecretKey | undefined {
  try {
    return decodeRecoveryKey(text.replace(/[\s\-–—·.]/g, ""));
  } catch {
    return undefined;
  }
}
