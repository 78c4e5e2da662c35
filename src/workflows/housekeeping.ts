import { proxyActivities, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import { housekeepingDetails } from '../temporal/housekeeping-details.ts';
import type {
  HousekeepingActivities,
  HousekeepingInput,
  HousekeepingResult,
} from '../temporal/housekeeping.ts';
import { oneTry } from '../temporal/timeouts.ts';

const minute = 60_000;

/** Visibility runs behind: what was looked through is looked through once more. */
const overlapMs = 10 * minute;
const purgeEveryMs = 60 * minute;

const patient = { initialInterval: '500ms', maximumInterval: '10s' } as const;

const { openVanished } = proxyActivities<HousekeepingActivities>({
  ...oneTry,
  startToCloseTimeout: '30m',
  retry: patient,
  summary: 'open dead letters for vanished workflows',
});

/** A database that is away must not keep the next look for vanished workflows from running. */
const { purgeLedgers } = proxyActivities<HousekeepingActivities>({
  ...oneTry,
  startToCloseTimeout: '30m',
  retry: { ...patient, maximumAttempts: 3 },
  summary: 'purge the ledgers',
});

/**
 * One run of a pipeline's schedule `housekeeping/<pipeline>`: opens a dead letter for every `syncChange` that ended
 * otherwise than by completing and left its event without one, and, hourly, forgets what the ledgers need not know any
 * more. It goes on where the run before left off, by that run's result; the first looks at all that Temporal remembers.
 */
export async function housekeeping(input: HousekeepingInput): Promise<HousekeepingResult> {
  const { pipeline, retentionDays } = input;
  const last = workflowInfo().lastResult as HousekeepingResult | undefined;
  const now = Date.now();
  const from = last ? new Date(Date.parse(last.lookedUntil) - overlapMs).toISOString() : null;
  const vanished = await openVanished({ pipeline, from });
  const result: HousekeepingResult = {
    lookedUntil: new Date(now).toISOString(),
    purgedAt: last?.purgedAt ?? null,
    vanished,
    purged: null,
  };
  setCurrentDetails(housekeepingDetails(result));
  if (last?.purgedAt && now - Date.parse(last.purgedAt) < purgeEveryMs) return result;
  try {
    const purged = await purgeLedgers({ pipeline, retentionDays });
    const done = { ...result, purged, purgedAt: result.lookedUntil };
    setCurrentDetails(housekeepingDetails(done));
    return done;
  } catch {
    // The failed activity stands in history; the next run tries again.
    return result;
  }
}
