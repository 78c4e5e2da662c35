import { expect, test } from '@jest/globals';
import { pausedTopics } from '../../../src/ingest/paused-topics.ts';
import type { PauseScope } from '../../../src/temporal/pause.ts';
import { pair } from '../../support/two-sides.ts';

const paused = (scopes: readonly PauseScope[], topics: readonly string[] | null = null) =>
  pausedTopics({ pipeline: pair, side: 'left', topics, database: 'left_db' }, scopes);

const parents: PauseScope = { kind: 'entity', entity: 'parents' };

test.each<[string, PauseScope[], string[]]>([
  ['nothing', [], []],
  ['an entity stops the topic of its table', [parents], ['left.public.parents']],
  ['a pipeline stops all', [{ kind: 'pipeline' }], ['left.public.parents', 'left.public.children']],
  [
    'a side stops all of its own',
    [{ kind: 'side', side: 'left' }],
    ['left.public.parents', 'left.public.children'],
  ],
  ['another side stops none', [{ kind: 'side', side: 'right' }], []],
  ['an entity that is gone stops none', [{ kind: 'entity', entity: 'gone' }], []],
  ['the same twice counts once', [parents, parents], ['left.public.parents']],
])('%s', (_, scopes, expected) => {
  expect(paused(scopes)).toEqual(expected);
});

test('a topic that may carry any entity stops for each of them, one of another table does not', () => {
  const topics = ['left.events', 'left.public.parents', 'left.public.children'];
  expect(paused([parents], topics)).toEqual(['left.events', 'left.public.parents']);
});
