import type { CheckReport } from './check.ts';
import { reason } from './finding.ts';

/** What came of one repair. */
export interface Fixed {
  subject: string;
  /** Null where it failed. */
  did: string | null;
  /** Why it failed; null where it did not. */
  failure: string | null;
}

/**
 * Does what can be repaired without asking, each once and one after the other; one that fails keeps none of the others
 * back. `onFix` is told of each as it begins.
 */
export async function applyFixes(
  reports: readonly CheckReport[],
  onFix: (subject: string) => void = () => {},
): Promise<Fixed[]> {
  const fixes = new Map(
    reports
      .flatMap(({ findings }) => findings)
      .flatMap(({ fix }) => (fix === undefined ? [] : [[fix.key, fix] as const])),
  );
  const done: Fixed[] = [];
  for (const { key, run } of fixes.values()) {
    onFix(key);
    try {
      done.push({ subject: key, did: await run(), failure: null });
    } catch (error) {
      done.push({ subject: key, did: null, failure: reason(error) });
    }
  }
  return done;
}
