/** Who is signed in on which device of which homeserver; what is kept between two visits. */
export interface Credentials {
  homeserver: string;
  userId: string;
  deviceId: string;
  accessToken: string;
}

const PLACE = "myelin.credentials";

export function storedCredentials(storage: Storage): Credentials | undefined {
  const text = storage.getItem(PLACE);
  return text === null ? undefined : (JSON.parse(text) as Credentials);
}

export function storeCredentials(storage: Storage, credentials: Credentials): void {
  storage.setItem(PLACE, JSON.stringify(credentials));
}

export function forgetCredentials(storage: Storage): void {
  storage.removeItem(PLACE);
}
