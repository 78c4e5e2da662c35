import { expect, test } from '@jest/globals';
import { integer, text } from '../../../src/pipeline/columns.ts';
import { compilePipeline } from '../../../src/pipeline/compile.ts';
import { definePipeline, entity, mysql, postgres, table } from '../../../src/pipeline/define.ts';
import { Environment } from '../../../src/process/config/environment.ts';
import { queueSides, resolveSides } from '../../../src/process/config/sides.ts';
import { connectorNames } from '../../../src/process/connectors.ts';
import { requireOwnQueues } from '../../../src/process/require-own-queues.ts';
import { sideTopics } from '../../../src/process/side-topics.ts';

const pipelineOf = (name: string) =>
  compilePipeline(
    definePipeline({
      name,
      sides: { main: mysql({ url: 'mysql://u:p@h/main' }), copy: postgres({ url: 'postgres://u:p@h/copy' }) },
      entities: {
        people: entity({
          tables: {
            main: table('people', { id: integer(), name: text() }),
            copy: table('people', { id: integer(), name: text() }),
          },
          columns: { name: 'name' },
          direction: 'one_way',
          conflicts: 'source_wins',
        }),
      },
    }),
  );

const queued = new Environment({ MAIN_FEED: 'sqs', MAIN_QUEUE_URL: 'https://sqs.example/1/main' });
const one = pipelineOf('one');
const sidesOf = (environment: Environment, ...names: string[]) =>
  new Map(names.map((name) => [name, resolveSides(one, environment)]));

test('one reader of a queue is well, two are refused by name', () => {
  expect(() => requireOwnQueues([one], sidesOf(queued, 'one'))).not.toThrow();
  expect(() => requireOwnQueues([one, pipelineOf('two')], sidesOf(queued, 'one', 'two'))).toThrow(
    'one/main and two/main read https://sqs.example/1/main: each needs a queue of its own',
  );
});

test('a side that is read from a queue has neither connector nor topics', () => {
  const kafka = new Environment({});
  for (const [environment, connectors, topics, sides] of [
    [kafka, 1, ['main.main.people'], []],
    [queued, 0, [], ['main']],
  ] as const) {
    const resolved = resolveSides(one, environment);
    expect(connectorNames(one, resolved)).toHaveLength(connectors);
    expect(sideTopics(one.sides.get('main')!, resolved.get('main')!)).toEqual(topics);
    expect(queueSides(one, environment)).toEqual(sides);
  }
});
