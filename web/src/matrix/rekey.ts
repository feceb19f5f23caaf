/**
 * In which order secrets move between keys, so that whatever crashes between, the password that counts opens them.
 *
 * Each step may be done again: what is there already stays as it is.
 */
import { cardKey, cardText, freshCard } from "./card";
import { CARD, DEHYDRATION, type SecretStore } from "./secretStore";

/** The secrets that this device itself holds, by name. */
export type HeldSecrets = Readonly<Record<string, string>>;

/** Have the opened key of a password (and the recovery card, made where there is none) open everything, and no other password. */
export async function settle(store: SecretStore, held: HeldSecrets, keyId: string): Promise<void> {
  await storeUnder(store, held, keyId);
  await prefer(store, keyId);
}

export interface PasswordChange {
  present: string;
  next: string;
  change: () => Promise<void>;
  isRefusal: (fault: unknown) => boolean;
}

/**
 * Change the password that opens the secrets together with the one for signing in, which `change` does on the server.
 *
 * `change` returns once the server has accepted it, and throws where it did not (`isRefusal`) or that is not known.
 */
export async function changePassword(
  store: SecretStore,
  held: HeldSecrets,
  { present, next, change, isRefusal }: PasswordChange,
): Promise<void> {
  // Opens what the device does not hold. Where another client has set the password, nothing opens, and nothing need to.
  await store.openWithPassword(present);
  const keyId = await store.addPassword(next);
  await storeUnder(store, held, keyId);
  // A crash up to here leaves the present password, and secrets that it opens; a key too many, that nobody misses.
  try {
    await change();
  } catch (fault) {
    // What was refused, perhaps as too simple, opens nothing; what may have been accepted stays beside the present one.
    if (isRefusal(fault)) await store.drop(keyId);
    throw fault;
  }
  // A crash from here on leaves the next password, which opens all of them though it is not the default yet. Stored once
  // more, because a device that signed in meanwhile has taken the next password for one of the past.
  await storeUnder(store, held, keyId);
  await prefer(store, keyId);
}

/** Store every secret that is known under a key and the card, without taking it from any other. */
async function storeUnder(store: SecretStore, held: HeldSecrets, keyId: string): Promise<void> {
  const cardKeyIds = await openCard(store, keyId);
  const dehydration = await store.read(DEHYDRATION);
  const all = dehydration === undefined ? held : { ...held, [DEHYDRATION]: dehydration };
  for (const [name, secret] of Object.entries(all)) await store.cover(name, secret, [keyId, ...cardKeyIds]);
}

/** Return the card's key, opened; none where only the card itself could open it. */
async function openCard(store: SecretStore, keyId: string): Promise<readonly string[]> {
  const text = await store.read(CARD);
  const key = text === undefined ? undefined : cardKey(text);
  if (key === undefined) return (await store.cardKeyIds()).length > 0 ? [] : makeCard(store, keyId);
  const cardKeyId = (await store.openWithKey(key, true)) ?? (await store.addCard(key));
  await store.cover(CARD, cardText(key), [keyId, cardKeyId]);
  return [cardKeyId];
}

async function makeCard(store: SecretStore, keyId: string): Promise<readonly string[]> {
  const key = freshCard();
  const cardKeyId = await store.addCard(key);
  await store.cover(CARD, cardText(key), [keyId, cardKeyId]);
  return [cardKeyId];
}

/** Let a key count, and forget those of other passwords; whatever happens between, both open everything. */
async function prefer(store: SecretStore, keyId: string): Promise<void> {
  await store.setDefault(keyId);
  for (const other of await store.passwordKeyIds()) if (other !== keyId) await store.drop(other);
}

/** Replace a card that was lost, or that only itself could open: the old one opens nothing any more. */
export async function replaceCard(store: SecretStore, held: HeldSecrets, password: string): Promise<void> {
  const before = await store.cardKeyIds();
  const keyId = (await store.openWithPassword(password)) ?? (await store.addPassword(password));
  const cardKeyIds = await makeCard(store, keyId);
  for (const [name, secret] of Object.entries(held)) await store.cover(name, secret, [keyId, ...cardKeyIds]);
  await storeUnder(store, held, keyId);
  await store.setDefault(keyId);
  for (const old of before) await store.drop(old);
}
