/** What colleagues call each other: the hospital's names say department and title first, 心内科-护士-钱七. */
export function shortName(name: string): string {
  const parts = name.split("-");
  return (parts.length > 2 && parts.at(-1)) || name;
}
