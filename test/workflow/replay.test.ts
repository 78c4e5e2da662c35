import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { DefaultLogger, makeTelemetryFilterString, Runtime, Worker } from '@temporalio/worker';
import { packageRoot } from '../../src/package-root.ts';
import { workflowBundle } from '../../src/process/workflow-bundle.ts';
import { dataConverter } from '../../src/temporal/data-converter.ts';
import { noKeys, parsePayloadKeys } from '../../src/temporal/payload-keys.ts';

Runtime.install({
  logger: new DefaultLogger('ERROR'),
  telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR' }) } },
});

const folder = join(packageRoot, 'test', 'histories');
const recorded = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
  /^\d.*\.json$/.test(file),
);

const failing = recorded.find((file) => file.endsWith('constraint-and-outage.json'))!;

const replay = async (history: string, converter = dataConverter(noKeys)) =>
  Worker.runReplayHistory(
    { workflowBundle: await workflowBundle(converter), dataConverter: converter },
    JSON.parse(history),
  );

const read = (file: string) => readFileSync(join(folder, file), 'utf8');

describe('workflows that an earlier build began', () => {
  test.each(recorded)('go on as they were: %s', async (file) => {
    await replay(read(file));
  });

  test('go on also where payloads are encrypted from now on', async () => {
    const converter = dataConverter(parsePayloadKeys(`k:${randomBytes(32).toString('base64')}`));
    await replay(read(failing), converter);
  });

  test('are told from those that would not', async () => {
    const other = read(failing).replace('"name": "upsertRow"', '"name": "deleteRow"');
    await expect(replay(other)).rejects.toThrow(/deleteRow|nondeterminis/i);
  });
});
