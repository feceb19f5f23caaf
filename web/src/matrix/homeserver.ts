/** Requests to the homeserver that need no SDK: the sign-in page stays small, and REST stays plain. */
import type { Credentials } from "./credentials";

/** What the homeserver refused, by the standard's code; the sentence for the person is chosen by `errcode`. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly errcode: string,
    message: string,
    readonly retryAfterMs: number | undefined,
    /** Whatever else the answer held. */
    readonly extra: Record<string, unknown> = {},
  ) {
    super(message);
  }
}

/** The homeserver could not be reached at all. */
export class Unreachable extends Error {}

export interface Request {
  method: "GET" | "POST" | "PUT" | "DELETE";
  path: string;
  body?: unknown;
  accessToken?: string;
  /** Hears the `Date` of the answer. */
  dated?: (date: string | null) => void;
  signal?: AbortSignal;
}

export async function ask<Answer>(homeserver: string, request: Request): Promise<Answer> {
  const headers: Record<string, string> = { "Content-Type": "application/json" };
  if (request.accessToken !== undefined) headers.Authorization = `Bearer ${request.accessToken}`;
  const body = request.body === undefined ? null : JSON.stringify(request.body);
  const { method, signal = null } = request;
  const response = await fetch(homeserver + request.path, { method, headers, body, signal }).catch(() => {
    throw new Unreachable();
  });
  request.dated?.(response.headers.get("Date"));
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer as Answer;
  throw new Refused(response.status, answer.errcode ?? "M_UNKNOWN", answer.error ?? "", answer.retry_after_ms, answer);
}

interface LoginAnswer {
  user_id: string;
  device_id: string;
  access_token: string;
}

/** Sign in by employee number and password; a new device each time. */
export async function signIn(homeserver: string, number: string, password: string, deviceName: string) {
  const identifier = { type: "m.id.user", user: number };
  return newDevice(homeserver, { type: "m.login.password", identifier, password }, deviceName);
}

/** Sign in by a token that works once. */
export async function signInByToken(homeserver: string, token: string, deviceName: string) {
  return newDevice(homeserver, { type: "m.login.token", token }, deviceName);
}

async function newDevice(homeserver: string, proof: Record<string, unknown>, deviceName: string) {
  const body = { ...proof, initial_device_display_name: deviceName };
  const answer = await ask<LoginAnswer>(homeserver, { method: "POST", path: "/_matrix/client/v3/login", body });
  const { user_id: userId, device_id: deviceId, access_token: accessToken } = answer;
  return { homeserver, userId, deviceId, accessToken } satisfies Credentials;
}

/** Turn the code from the slip into a first password; throws where the code is none or counts no longer. */
export async function activate(homeserver: string, number: string, code: string, password: string): Promise<void> {
  const body = { employee_number: number, code, password };
  await ask(homeserver, { method: "POST", path: "/_myelin/v1/activate", body });
}
