import type { HousekeepingResult } from './housekeeping.ts';

/** Markdown for the Web UI. */
export function housekeepingDetails({ vanished, purged, purgedAt }: HousekeepingResult): string {
  const { looked, opened, unreadable } = vanished;
  return [
    `- ${looked} workflows ended without completing, ${opened} dead letters opened for them`,
    ...(unreadable === 0 ? [] : [`- of ${unreadable} Temporal no longer has the input`]),
    purged === null
      ? `- ledgers not purged this time, last ${purgedAt ?? 'never'}`
      : `- purged from the ledgers: ${purged.events} events, ${purged.tombstones} tombstones, ${purged.identities} identities`,
    ...(purged?.kept ? [`- kept: ${purged.kept}`] : []),
  ].join('\n');
}
