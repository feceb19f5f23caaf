/** Two characters for a name: those in which people of one department differ. */

const SHOWN = 2;
const HAN = /\p{Script=Han}/u;

/** Of `科室-职称-姓名` the end of the name itself; the initials of a name in another script. */
export function shortNameOf(name: string): string {
  const own = name.split("-").at(-1)?.trim() || name;
  if (HAN.test(own)) return [...own].slice(-SHOWN).join("");
  return initialsOf(own);
}

/** How a room's name begins. */
export function shortTitleOf(title: string): string {
  return HAN.test(title) ? [...title.trim()].slice(0, SHOWN).join("") : initialsOf(title);
}

function initialsOf(name: string): string {
  const words = name.replace(/^[@#]/, "").split(/\s+/).filter(Boolean);
  const first = words.length > 1 ? words.map((word) => [...word][0]).join("") : (words[0] ?? "?");
  return [...first].slice(0, SHOWN).join("").toUpperCase();
}
