/** A link that signs somebody in once. It stands after the hash, which no server and no proxy ever sees. */
export interface SignInLink {
  token: string;
  password: string;
}

/** Return the link that an address is; undefined where it is none. */
export function linkIn(place: string): SignInLink | undefined {
  const [path = "", query = ""] = place.split("?");
  const token = /^\/enter\/([\w-]+)$/.exec(path)?.[1];
  const password = new URLSearchParams(query).get("password");
  return token === undefined || password === null ? undefined : { token, password };
}
