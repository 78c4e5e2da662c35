/** A row clock as ISO 8601 to the microsecond; a clock no date can stand for is given as it is. */
export function clockTime(clock: bigint): string {
  const date = new Date(Number(clock / 1000n));
  if (Number.isNaN(date.getTime())) return String(clock);
  return `${date.toISOString().slice(0, 19)}.${String(clock % 1_000_000n).padStart(6, '0')}Z`;
}
