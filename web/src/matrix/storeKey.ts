/**
 * The key of everything that one person's device stores: made here, and kept by nobody but the wrappings of it.
 *
 * It is 32 random bytes; what encrypts each store follows from them, so that no store's key opens another.
 */
import { aesKey, type Bytes, derivedFor, deviceKey, randomBytes, type Sealed, seal, unseal } from "../platform/sealing";

const KEY_BYTES = 32;

export class StoreKey {
  private constructor(
    private readonly secret: Bytes,
    /** AES-GCM, for what the client itself stores: the token, the index of the search, what waits to be sent. */
    readonly key: CryptoKey,
    /** For the store of the encryption itself. */
    readonly ofEncryption: Bytes,
  ) {}

  static fresh(): Promise<StoreKey> {
    return StoreKey.of(randomBytes(KEY_BYTES));
  }

  static async of(secret: Bytes): Promise<StoreKey> {
    const own = await derivedFor("myelin own stores", secret, KEY_BYTES);
    return new StoreKey(secret, await aesKey(own), await derivedFor("myelin encryption store", secret, KEY_BYTES));
  }

  /** Return the key as only `wrapping` opens it. */
  wrapped(wrapping: CryptoKey): Promise<Sealed> {
    return seal(wrapping, this.secret);
  }

  static async unwrapped(wrapping: CryptoKey, sealed: Sealed): Promise<StoreKey | undefined> {
    const secret = await unseal(wrapping, sealed);
    return secret && StoreKey.of(secret);
  }

  /** Overwrite what is in memory; the key cannot be used or wrapped any more. */
  forget(): void {
    this.secret.fill(0);
    this.ofEncryption.fill(0);
  }
}

/** The wrapping of a device that asks nothing: by a key that this browser keeps and never tells. */
export interface DeviceWrapping {
  key: CryptoKey;
  sealed: Sealed;
}

export async function wrappedByDevice(storeKey: StoreKey): Promise<DeviceWrapping> {
  const key = await deviceKey();
  return { key, sealed: await storeKey.wrapped(key) };
}
