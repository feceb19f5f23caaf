/** Who is signed in on which device of which homeserver. */
export interface Credentials {
  homeserver: string;
  userId: string;
  deviceId: string;
  accessToken: string;
}
