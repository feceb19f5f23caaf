/** Moving a person's secrets to a new secret-storage key without a moment in which none opens them. */

/** The secrets that are stored, and what opens them. */
export interface SecretPlace {
  /** Keep a new key's description, and return its id. */
  addKey(): Promise<string>;
  get(name: string): Promise<string | undefined>;
  store(name: string, secret: string, keyIds: string[]): Promise<void>;
  setDefaultKeyId(keyId: string): Promise<void>;
}

export const SECRETS = [
  "m.cross_signing.master",
  "m.cross_signing.self_signing",
  "m.cross_signing.user_signing",
  "m.megolm_backup.v1",
  "org.matrix.msc3814",
  "org.myelin.card",
] as const;

/** Store every secret under the old key and a new one, then let the new one count. */
export async function rekey(place: SecretPlace, oldKeyId: string): Promise<void> {
  // A crash after this leaves a key that opens nothing, and nobody asks for it.
  const newKeyId = await place.addKey();
  // A crash among these leaves secrets that the old key opens, all of them, and it is still the default.
  for (const name of SECRETS) {
    const secret = await place.get(name);
    if (secret !== undefined) await place.store(name, secret, [oldKeyId, newKeyId]);
  }
  // Last: from here on the new key is asked for, and it opens all of them.
  await place.setDefaultKeyId(newKeyId);
}
