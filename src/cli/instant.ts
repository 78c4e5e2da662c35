import { InvalidArgumentError } from 'commander';
import { ago } from './age.ts';

/** An instant, or how long ago it was (`90s`, `30m`, `12h`, `7d`), as ISO 8601 in UTC. */
export function instantOf(text: string): string {
  const at = new Date(ago(text) ?? text);
  if (Number.isNaN(at.getTime()))
    throw new InvalidArgumentError('must be an instant like 2026-01-08T10:00Z, or 30m');
  return at.toISOString();
}
