/** Times as people in a ward read them. The present is passed in. */

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** The hour today, the weekday within a week, the date before that. */
export function shortTime(at: number, now: number, language: string): string {
  if (at <= 0) return "";
  if (startOfDay(at) === startOfDay(now)) return clockTime(at, language);
  const isRecent = Math.abs(startOfDay(now) - startOfDay(at)) < 7 * DAY_MS;
  const date: Intl.DateTimeFormatOptions = { month: "numeric", day: "numeric", ...yearOf(at, now) };
  const style = isRecent ? ({ weekday: "short" } as const) : date;
  return new Intl.DateTimeFormat(language, style).format(at);
}

export function clockTime(at: number, language: string): string {
  return new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hour12: false }).format(at);
}

/** Day and minute, as they stand on what is printed. */
export function minuteText(at: number, language: string): string {
  const style = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" } as const;
  return new Intl.DateTimeFormat(language, { ...style, hour12: false }).format(at);
}

export function dayName(at: number, now: number, language: string): string {
  const style: Intl.DateTimeFormatOptions = { month: "long", day: "numeric", weekday: "long" };
  return new Intl.DateTimeFormat(language, { ...style, ...yearOf(at, now) }).format(at);
}

/** The year where it is another: a clock that was wrong shows it. */
function yearOf(at: number, now: number): Intl.DateTimeFormatOptions {
  return new Date(at).getFullYear() === new Date(now).getFullYear() ? {} : { year: "numeric" };
}

export function startOfDay(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}

/** How long ago something was, in words: for what is recent, or no nearer than a day. */
export function ago(at: number, now: number, language: string): string {
  const words = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const passed = Math.max(0, now - at);
  if (passed < 60 * MINUTE_MS) return words.format(-Math.floor(passed / MINUTE_MS), "minute");
  if (passed < DAY_MS) return words.format(-Math.floor(passed / (60 * MINUTE_MS)), "hour");
  return words.format(-Math.round((startOfDay(now) - startOfDay(at)) / DAY_MS), "day");
}
