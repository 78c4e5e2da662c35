import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { changeEvent, eventVersion } from '../../../src/change/event.ts';
import { upcast } from '../../../src/change/upcast.ts';
import type { StoredEvent } from '../../../src/change/upcast.ts';
import { eventOf } from '../../../src/activities/route-of.ts';
import type { ActivityDeps } from '../../../src/activities/deps.ts';
import type { ChangeEvent } from '../../../src/change/event.ts';
import { SyncError } from '../../../src/errors/sync-error.ts';
import { readDeadLetterMessage, recordMessage } from '../../../src/temporal/dead-letter-record.ts';
import type { Failure } from '../../../src/temporal/failures.ts';
import { packageRoot } from '../../../src/package-root.ts';
import { packEvents, unpackEvents } from '../../../src/temporal/packed-events.ts';

const folder = join(packageRoot, 'test', 'histories');
const recorded = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
  /^\d.*\.json$/.test(file),
);

/** The event that a recorded workflow was started with. */
function eventIn(file: string): StoredEvent {
  const { events } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as {
    events: { workflowExecutionStartedEventAttributes: { input: { payloads: { data: string }[] } } }[];
  };
  const [payload] = events[0]!.workflowExecutionStartedEventAttributes.input.payloads;
  const input = JSON.parse(Buffer.from(payload!.data, 'base64').toString()) as {
    subject: { event: StoredEvent };
  };
  return input.subject.event;
}

describe('events that an earlier build wrote', () => {
  test.each(recorded)('are understood: %s', (file) => {
    expect(changeEvent.parse(upcast(eventIn(file)))).toMatchObject({ pipeline: 'pair', source: 'left' });
  });

  test('go through one step after the other', () => {
    const steps = {
      '0.8.0': ({ table, ...event }: StoredEvent) => ({
        ...event,
        event_version: '0.9.0',
        entity_type: table,
      }),
      '0.9.0': (event: StoredEvent) => ({ ...event, event_version: eventVersion, snapshot: false }),
    };
    expect(upcast({ event_version: '0.8.0', table: 'users' }, steps)).toEqual({
      event_version: eventVersion,
      entity_type: 'users',
      snapshot: false,
    });
  });

  test.each(['2.0.0', 'toString'])(
    'but of an unknown version wait for a build that knows it: %s',
    (version) => {
      const refused = () => upcast({ event_version: version });
      expect(refused).toThrow(SyncError);
      expect(refused).toThrow(version);
    },
  );

  test('do so wherever they are stored: in a workflow, in a batch (packed or, in the first builds, not), on the topic', async () => {
    const event = eventIn(recorded[0]!);
    expect(await unpackEvents([event])).toEqual([event]);
    const later = { ...event, event_version: '2.0.0' } as unknown as ChangeEvent;
    const subject = { kind: 'event', event: later } as const;
    await expect(eventOf({} as ActivityDeps, subject)).rejects.toThrow('2.0.0');
    await expect(packEvents([later]).then(unpackEvents)).rejects.toThrow('2.0.0');
    const failure: Failure = {
      errorClass: 'bug',
      message: '',
      stack: '',
      signature: '',
      retryCount: 0,
      failedAt: later.timestamp,
    };
    const { value, headers } = recordMessage({ pipeline: 'pair', subject, failure });
    expect(() => readDeadLetterMessage({ value: Buffer.from(value), headers })).toThrow('2.0.0');
  });
});
