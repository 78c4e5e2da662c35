import { InvalidArgumentError } from 'commander';

const unitSeconds: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** The instant so long ago, ISO 8601 in UTC; null for a text that is no age like `90s`, `30m`, `12h` or `7d`. */
export function ago(text: string, now = Date.now()): string | null {
  const [, amount, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  if (unit === undefined) return null;
  const at = new Date(now - Number(amount) * unitSeconds[unit]! * 1000);
  return Number.isNaN(at.getTime()) ? null : at.toISOString();
}

/** An option's age as the instant so long ago. */
export function age(text: string): string {
  const at = ago(text);
  if (at === null) throw new InvalidArgumentError('must be an age like 90s, 30m, 12h or 7d');
  return at;
}
