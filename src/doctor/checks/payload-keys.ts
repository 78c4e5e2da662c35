import { temporalServer } from '../../process/config/temporal.ts';
import { keyIdOf } from '../../temporal/encryption-codec.ts';
import { housekeepingId } from '../../temporal/names.ts';
import type { PayloadKeys } from '../../temporal/payload-keys.ts';
import { onServer } from '../check.ts';
import type { Check } from '../check.ts';
import { fail, ok, skip, warn } from '../finding.ts';
import type { Finding } from '../finding.ts';

const notFound = 5;

/** `used`: id of the key that a worker of the pipeline encrypted with as it started; null: it did not. */
export function judgedKeys(
  pipeline: string,
  used: string | null,
  { encrypting, byId }: PayloadKeys,
): Finding {
  if (used !== null && !byId.has(used))
    return fail(
      pipeline,
      `its workers encrypt with key ${JSON.stringify(used)}, which is not in PAYLOAD_KEYS here`,
      'set PAYLOAD_KEYS as the workers have it: docs/encryption.md',
    );
  if (used === null && encrypting !== null)
    return warn(
      pipeline,
      'PAYLOAD_KEYS is set here, and the worker that started last encrypts nothing',
      'set PAYLOAD_KEYS for every process and restart the workers: docs/encryption.md',
    );
  return ok(pipeline, used === null ? 'nothing is encrypted' : `its workers encrypt with key "${used}"`);
}

/** Each worker writes the pipeline's schedule of housekeeping anew as it starts. */
export const payloadKeys: Check = {
  name: 'payload-keys',
  title: 'Payloads are encrypted with known keys',
  run: ({ settings, pipelines, temporal }) =>
    onServer('Temporal', temporal, ({ workflowService }) => {
      const { namespace, keys } = temporalServer(settings);
      return Promise.all(
        pipelines.map(async ({ name }) => {
          const described = await workflowService
            .describeSchedule({ namespace, scheduleId: housekeepingId(name) })
            .catch((error: unknown) => {
              if ((error as { code?: number }).code === notFound) return null;
              throw error;
            });
          const [payload] = described?.schedule?.action?.startWorkflow?.input?.payloads ?? [];
          return payload ? judgedKeys(name, keyIdOf(payload), keys) : skip(name, 'no worker has run yet');
        }),
      );
    }),
};
