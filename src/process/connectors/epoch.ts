import { epochHeader } from '../../ingest/intake.ts';

type Config = Readonly<Record<string, string>>;

/** The setting by which a connector puts the epoch into its records; null where it puts none. */
function epochKey(config: Config): string | null {
  const header = Object.keys(config).find(
    (key) => /^transforms\.[^.]+\.header$/.test(key) && config[key] === epochHeader,
  );
  return header === undefined ? null : header.replace(/header$/, 'value.literal');
}

/** The epoch a connector gives its records; 1 where it says nothing. */
export function epochOf(config: Config): number {
  const key = epochKey(config);
  return Number((key !== null && config[key]) || 1);
}

/**
 * The configuration with the epoch it must have: never a lower one than is registered, whose records would be older than
 * those that were applied; `raise`: one more. Throws where a connector puts no epoch into its records.
 */
export function withEpoch(wanted: Config, registered: Config | null, raise: boolean): Config {
  const key = epochKey(wanted);
  if (key === null) {
    if (raise) throw new Error(`the connector ${wanted['name']} puts no ${epochHeader} into its records`);
    return wanted;
  }
  const now = Math.max(epochOf(wanted), registered ? epochOf(registered) : 1);
  return { ...wanted, [key]: String(raise ? now + 1 : now) };
}
