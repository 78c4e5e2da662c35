import { describe, expect, test } from '@jest/globals';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { pauseId, scopeName } from '../../../src/temporal/pause.ts';
import type { PauseInput, PauseScope } from '../../../src/temporal/pause.ts';
import { covers, Pauses } from '../../../src/temporal/pauses.ts';
import { pauseStartOptions } from '../../../src/temporal/start-pause.ts';

const cause: PauseInput = {
  pipeline: 'blog',
  scope: { kind: 'entity', entity: 'posts' },
  reason: 'fuse',
  text: 'refused',
  signature: 'constraint/posts/23514/check',
  epoch: null,
  sample: null,
  trialMaxMs: 60_000,
};
const id = 'pause/blog/posts/fuse/constraint/posts/23514/check';

/** Temporal as far as pauses ask it. */
class Answers {
  listed: PauseInput[] = [];
  running = new Set<string>();
  away = false;
  readonly client = {
    withDeadline: (_: number, ask: () => Promise<unknown>) => ask(),
    workflow: {
      list: () => this.#list(),
      start: async (_: string, { workflowId }: { workflowId: string }) => void this.running.add(workflowId),
      getHandle: (workflowId: string) => ({
        describe: async () => {
          if (!this.running.has(workflowId)) throw new WorkflowNotFoundError('none', workflowId, undefined);
          return { status: { name: 'RUNNING' } };
        },
      }),
    },
  } as unknown as Client;

  async *#list() {
    if (this.away) throw new Error('no answer');
    for (const input of this.listed) {
      const { memo, workflowId, typedSearchAttributes } = pauseStartOptions(input);
      yield { workflowId, memo, typedSearchAttributes, startTime: new Date(0) };
    }
  }
}

describe('pauses as a process knows them', () => {
  test('everything counts as open until Temporal has answered once', async () => {
    const answers = new Answers();
    const pauses = new Pauses(answers.client, 'blog');
    expect(pauses.isOpen(id)).toBe(true);
    await pauses.refresh();
    expect(pauses.isOpen(id)).toBe(false);
  });

  test('are what visibility lists, with why and since when', async () => {
    const answers = new Answers();
    answers.listed = [cause];
    const pauses = new Pauses(answers.client, 'blog');
    await pauses.refresh();
    const { pipeline, scope, reason, text, signature, epoch } = cause;
    const since = new Date(0).toISOString();
    expect(pauses.open).toEqual([{ id, pipeline, scope, reason, text, signature, epoch, since }]);
  });

  test('stay as they were last heard of while Temporal is away', async () => {
    const answers = new Answers();
    answers.listed = [cause];
    const pauses = new Pauses(answers.client, 'blog');
    await pauses.refresh();
    answers.away = true;
    answers.listed = [];
    await pauses.refresh();
    expect(pauses.isOpen(id)).toBe(true);
    answers.away = false;
    await pauses.refresh();
    expect(pauses.isOpen(id)).toBe(false);
  });

  test('one that was just started, or asked for by name, is open before visibility shows it, and for a while only', async () => {
    const answers = new Answers();
    let now = 0;
    const starter = new Pauses(answers.client, 'blog', () => now);
    const other = new Pauses(answers.client, 'blog', () => now);
    await Promise.all([starter.refresh(), other.refresh()]);
    expect(await other.holds(cause)).toBe(false);
    await starter.start(cause);
    expect(await other.holds(cause)).toBe(true);
    await Promise.all([starter.refresh(), other.refresh()]);
    expect([starter.isOpen(id), other.isOpen(id)]).toEqual([true, true]);
    now = 5000;
    expect([starter.isOpen(id), other.isOpen(id)]).toEqual([false, false]);
  });
});

test.each<[PauseScope, string, boolean, boolean]>([
  [{ kind: 'pipeline' }, 'blog', true, true],
  [{ kind: 'entity', entity: 'posts' }, 'blog/posts', true, false],
  [{ kind: 'side', side: 'legacy' }, 'blog/legacy', true, true],
  [{ kind: 'side', side: 'revamp' }, 'blog/revamp', false, false],
])('%j is named %s and covers what it should', (scope, name, posts, users) => {
  expect(scopeName('blog', scope)).toBe(name);
  expect(covers(scope, 'posts', 'legacy')).toBe(posts);
  expect(covers(scope, 'users', 'legacy')).toBe(users);
});

test('causes have ids of their own, which outlive a deployment', () => {
  const own = { ...cause, reason: 'operator' as const, signature: null };
  expect(pauseId(cause)).toBe(id);
  expect(pauseId(own)).toBe('pause/blog/posts/operator');
  expect(pauseId({ ...own, scope: { kind: 'pipeline' } })).toBe('pause/blog/operator');
  expect(
    pauseId({ ...own, scope: { kind: 'side', side: 'legacy' }, reason: 'log_restarted', epoch: 3 }),
  ).toBe('pause/blog/side/legacy/log_restarted/3');
});
