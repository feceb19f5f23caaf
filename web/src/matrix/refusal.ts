/** Why something was refused, as a word that the interface has a sentence for. */
import { MatrixError } from "matrix-js-sdk";
import { Refused, Unreachable } from "./homeserver";

export type Refusal = "tooSoon" | "tooLarge" | "forbidden" | "gone" | "unreachable" | "failed";

const BY_STATUS: Record<number, Refusal> = { 403: "forbidden", 404: "gone", 413: "tooLarge", 429: "tooSoon" };

export function refusalOf(fault: unknown): Refusal {
  if (fault instanceof Unreachable) return "unreachable";
  const status = fault instanceof Refused ? fault.status : fault instanceof MatrixError ? fault.httpStatus : undefined;
  if (status !== undefined) return BY_STATUS[status] ?? "failed";
  return fault instanceof Error && fault.name === "ConnectionError" ? "unreachable" : "failed";
}

/** Whether the same may succeed later by itself: no network, a server that rests, or too much at once. */
export function isPassing(fault: unknown): boolean {
  const status = fault instanceof Refused ? fault.status : fault instanceof MatrixError ? fault.httpStatus : undefined;
  if (status !== undefined) return status === 429 || status >= 500;
  return refusalOf(fault) === "unreachable";
}

/** The standard's word for a refusal; nothing for what was not refused by the server. */
export function errcodeOf(fault: unknown): string | undefined {
  return fault instanceof Refused || fault instanceof MatrixError ? fault.errcode : undefined;
}
