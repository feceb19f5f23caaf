/** Sizes of files as people read them. */

const UNITS = ["B", "KB", "MB", "GB"];

/** Nothing for a size that is not known. */
export function sizeText(bytes: number | undefined): string {
  if (bytes === undefined) return "";
  const step = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const amount = bytes / 1024 ** step;
  return `${step === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${UNITS[step]}`;
}
