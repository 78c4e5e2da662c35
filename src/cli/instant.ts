import { InvalidArgumentError } from 'commander';

const unitSeconds: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** An instant, or how long ago it was (`90s`, `30m`, `12h`, `7d`), as ISO 8601 in UTC. */
export function instantOf(text: string): string {
  const [, amount, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  const at = new Date(unit === undefined ? text : Date.now() - Number(amount) * unitSeconds[unit]! * 1000);
  if (Number.isNaN(at.getTime()))
    throw new InvalidArgumentError('must be an instant like 2026-01-08T10:00Z, or 30m');
  return at.toISOString();
}
