/** How many came to what, behind what it is of: `: 3 applied, 1 stale`; nothing for none. */
export function outcomesText(counts: Readonly<Record<string, number>>): string {
  const each = Object.entries(counts).map(([outcome, count]) => `${count.toLocaleString('en')} ${outcome}`);
  return each.length === 0 ? '' : `: ${each.join(', ')}`;
}
