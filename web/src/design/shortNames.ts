/** Names as there is room for them: the hospital's say department and title first, 心内科-护士-钱七. */

const SHOWN = 2;
const HAN = /\p{Script=Han}/u;

/** What colleagues call each other; what is no name of that kind stays whole. */
export function ownNameOf(name: string): string {
  const parts = name.split("-");
  return (parts.length > 2 && parts.at(-1)?.trim()) || name;
}

/** The two characters in which people of one department differ; the initials of a name in another script. */
export function shortNameOf(name: string): string {
  const own = ownNameOf(name);
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
