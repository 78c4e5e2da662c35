import pLimit from 'p-limit';
import { lookAtPairs } from '../../apply/verify/look-at-pairs.ts';
import type { PairLook } from '../../apply/verify/look-at-pairs.ts';
import type { Rechecked, Suspect, VerifyActivities } from '../../temporal/verify.ts';
import type { ActivityDeps } from '../deps.ts';
import { isWaiting, quietUntil } from './quiet.ts';
import { bothWays } from './verified-routes.ts';

/** Of each column so many rows are told with their values. */
const examples = 5;
const atOnce = 8;

export function recheckRowsActivity(deps: ActivityDeps): VerifyActivities['recheckRows'] {
  return async ({ entity, suspects }) => {
    const ways = bothWays(deps, entity);
    const quiet = await quietUntil(
      deps,
      ways,
      suspects.map(({ since }) => Date.parse(since)),
    );
    // Looked at after it was quiet: what was under way before has left its trace by now.
    const at = new Date().toISOString();
    const looks = await lookAtPairs(ways.forth, suspects);
    const limit = pLimit(atOnce);
    const seen = await Promise.all(
      suspects.map((suspect, index) => limit(() => judge(suspect, looks[index]!))),
    );
    return withFewValues(seen);

    async function judge(suspect: Suspect, look: PairLook): Promise<Rechecked> {
      const { key, other, kind, side, columns, values, fingerprint } = look;
      if (kind === null) return { state: 'agreed' };
      const seen = { key, other, look: look.look };
      if (look.look !== suspect.look)
        return { state: 'moving', suspect: { ...seen, since: at, first: suspect.first } };
      const settled =
        look.certain || (Date.parse(suspect.since) <= quiet && !(await isWaiting(ways, suspect)));
      if (!settled) return { state: 'moving', suspect };
      return {
        state: 'found',
        finding: { ...seen, kind, side, first: suspect.first, columns, values },
        fingerprint,
      };
    }
  };
}

function withFewValues(all: Rechecked[]): Rechecked[] {
  const told = new Map<string, number>();
  return all.map((each) => {
    if (each.state !== 'found') return each;
    const { values, ...finding } = each.finding;
    const few = values?.filter(({ from }) => {
      told.set(from, (told.get(from) ?? 0) + 1);
      return told.get(from)! <= examples;
    });
    return { ...each, finding: few && few.length > 0 ? { ...finding, values: few } : finding };
  });
}
