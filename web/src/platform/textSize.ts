/** How large text is on this device; all measures of the interface follow it. */

export const TEXT_SIZES = ["normal", "large", "larger"] as const;
export type TextSize = (typeof TEXT_SIZES)[number];

const PLACE = "myelin.textSize";
// Of the size that the person has chosen in the browser.
const PER_CENT: Record<TextSize, number> = { normal: 100, large: 112.5, larger: 125 };

export function storedTextSize(storage: Storage): TextSize {
  return TEXT_SIZES.find((size) => size === storage.getItem(PLACE)) ?? "normal";
}

export function chooseTextSize(storage: Storage, root: HTMLElement, size: TextSize): void {
  storage.setItem(PLACE, size);
  applyTextSize(root, size);
}

export function applyTextSize(root: HTMLElement, size: TextSize): void {
  root.style.fontSize = `${PER_CENT[size]}%`;
}
