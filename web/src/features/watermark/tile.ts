/** The words that stand, turned, all over a room: an image, so that nobody marks or searches them. */

const WIDTH_PX = 300;
const HEIGHT_PX = 180;
const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" };

/** Return a CSS image with the words of each row, whatever characters they hold. */
export function tileOf(rows: readonly string[]): string {
  const written = rows.map(
    (row, index) => `<text x="50%" y="${80 + index * 22}" text-anchor="middle">${escaped(row)}</text>`,
  );
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH_PX}" height="${HEIGHT_PX}">` +
    `<g font-family="sans-serif" font-size="15" fill="#808080" transform="rotate(-20 ${WIDTH_PX / 2} ${HEIGHT_PX / 2})">` +
    `${written.join("")}</g></svg>`;
  return `url("data:image/svg+xml,${encodeURIComponent(svg)}")`;
}

function escaped(text: string): string {
  // Half a character can be written in no address.
  return text.replace(/\p{Surrogate}/gu, "").replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? "");
}
