import type { LogRetention } from '../../database/log-retention.ts';
import { hasConnector, onEachSide, onServer } from '../check.ts';
import type { Check } from '../check.ts';
import { fail, ok, skip, warn } from '../finding.ts';
import type { Finding } from '../finding.ts';

/** Judges what a side's log still holds for its connector. */
export function judgeRetention(side: string, { state, found, repair }: LogRetention): Finding {
  const subject = `${side}: log`;
  if (state === 'kept') return ok(subject, found);
  if (state === 'lost') return fail(subject, found, repair ?? 'take a new snapshot');
  if (state === 'running_out') return warn(subject, found, repair ?? 'start the connector');
  return repair === null ? skip(subject, found) : warn(subject, `not checked: ${found}`, repair);
}

/** The logs still hold what the connectors have not read. */
export const retention: Check = {
  name: 'retention',
  title: 'Logs reach back far enough',
  run: (context) =>
    onServer('Kafka Connect', context.connect, (rest) =>
      onEachSide(context, async (inspected) => {
        if (!hasConnector(inspected)) return [];
        const { side, inspect, admin } = inspected;
        const [offset = null] = await rest.offsets(side.connector);
        const config = await rest.config(side.connector);
        const found = await inspect.inspectRetention(await admin(), { config, offset });
        return [judgeRetention(side.name, found)];
      }),
    ),
};
