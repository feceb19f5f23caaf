/**
 * Every state that a card can be in, by its name: what may be pressed and what became of it, and how the time stands.
 * Both follow from the card, the person's latest action on it, and the server's time; nothing else is remembered.
 */

import type { Pressed } from "../../matrix/cardEvents";
import type { Card, CardKind } from "../../matrix/systemCard";

export type ActionState =
  /** Nothing can be done here. */
  | { kind: "none" }
  /** This device cannot write yet. */
  | { kind: "preparing" }
  | { kind: "ready" }
  /** The system said no, and why; the buttons are there again. */
  | { kind: "refused"; text: string }
  | { kind: "sending"; pressed: Pressed }
  | { kind: "notSent"; pressed: Pressed }
  | { kind: "waiting"; pressed: Pressed }
  /** The system has not answered in time. */
  | { kind: "unconfirmed"; pressed: Pressed };

export type TimeState =
  | { kind: "none" }
  /** The server's time is not known yet. */
  | { kind: "unmeasured"; deadline: number }
  | { kind: "running"; leftMs: number }
  | { kind: "over"; sinceMs: number };

/** What is particular about a kind; its layout is the same for all until the flows come. */
export interface KindStyle {
  /** Red is for what is critical for a patient, and for nothing else. */
  isCritical: boolean;
}

const CALM: KindStyle = { isCritical: false };

export const KINDS: Record<CardKind, KindStyle> = {
  critical_value: { isCritical: true },
  lab_report: CALM,
  imaging_study: CALM,
  or_change: CALM,
  admission: CALM,
  consult: CALM,
  handoff: CALM,
  vitals: CALM,
  mdt: CALM,
  oral_order: CALM,
  notice: CALM,
};

export const CONFIRMED_WITHIN_MS = 15_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export function actionStateOf(
  card: Card,
  pressed: Pressed | undefined,
  isReady: boolean,
  now: number | undefined,
): ActionState {
  if (pressed !== undefined && isOpen(card, pressed)) return openStateOf(pressed, now);
  if (card.actions.length === 0) return { kind: "none" };
  if (!isReady) return { kind: "preparing" };
  const isRefused = pressed !== undefined && card.answer?.uuid === pressed.uuid && !card.answer.isAccepted;
  return isRefused ? { kind: "refused", text: card.answer?.text ?? "" } : { kind: "ready" };
}

/** Whether the card that is shown says nothing yet to what was pressed. */
function isOpen(card: Card, pressed: Pressed): boolean {
  return pressed.rev >= card.rev && card.answer?.uuid !== pressed.uuid;
}

function openStateOf(pressed: Pressed, now: number | undefined): ActionState {
  if (pressed.delivery === "failed") return { kind: "notSent", pressed };
  if (pressed.delivery === "sending") return { kind: "sending", pressed };
  const isLate = now !== undefined && pressed.at > 0 && now - pressed.at > CONFIRMED_WITHIN_MS;
  return { kind: isLate ? "unconfirmed" : "waiting", pressed };
}

export function timeStateOf({ deadline }: Card, now: number | undefined): TimeState {
  if (deadline === undefined) return { kind: "none" };
  if (now === undefined) return { kind: "unmeasured", deadline };
  return now <= deadline ? { kind: "running", leftMs: deadline - now } : { kind: "over", sinceMs: now - deadline };
}

/** A span as a clock shows it: 4:05, or 1:04:05 from an hour on. */
export function spanText(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  const two = (value: number) => String(value).padStart(2, "0");
  const minutes = `${ms < HOUR_MS ? Math.floor(seconds / 60) : two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return ms < HOUR_MS ? minutes : `${Math.floor(ms / HOUR_MS)}:${minutes}`;
}

/** Whether anything on the card changes by itself as time goes by. */
export function isMoving(card: Card, action: ActionState): boolean {
  return card.deadline !== undefined || action.kind === "waiting";
}
