/** What a PIN is: six digits that nobody guesses in five tries. */

export const PIN_DIGITS = 6;
const UP = "01234567890123456789";
const DOWN = [...UP].reverse().join("");

export type PinFault = "guessable" | "different";

/** Whether somebody who knows a person's number would try this first. */
export function isGuessable(pin: string, userId: string): boolean {
  const number = userId.slice(1).split(":")[0] ?? "";
  const isPattern = UP.includes(pin) || DOWN.includes(pin) || /^(\d)\1*$/.test(pin) || /^(\d\d?\d?)\1+$/.test(pin);
  return isPattern || (number.length > 3 && pin.includes(number)) || number.padStart(PIN_DIGITS, "0").endsWith(pin);
}
