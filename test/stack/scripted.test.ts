import { existsSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import type { Part } from '../../src/stack/part.ts';
import type { StackProgress } from '../../src/stack/progress.ts';
import { openStack } from '../../src/stack/stack.ts';
import type { Stack } from '../../src/stack/stack.ts';
import { temporaryFolder } from '../unit/stack/temporary.ts';
import { commandsIn } from './running.ts';
import { scriptedPart } from './scripted-part.ts';

/** A stack of scripted servers in a folder of its own, ended and checked for leaks at the end of the test. */
function scriptedStack(
  parts: readonly Part[],
  environment: NodeJS.ProcessEnv = {},
): Stack & { again(parts: readonly Part[]): Stack; [Symbol.asyncDispose](): Promise<void> } {
  const folder = temporaryFolder();
  const open = (chosen: readonly Part[]): Stack =>
    openStack({ directory: folder.path, databases: [], environment, parts: chosen });
  const stack = open(parts);
  return {
    ...stack,
    again: open,
    async [Symbol.asyncDispose]() {
      await stack.down({ wipe: true });
      const left = commandsIn(folder.path);
      folder[Symbol.dispose]();
      if (left.length > 0) throw new Error(`left behind: ${left.join('; ')}`);
    },
  };
}

const pids = (stack: Stack): (number | undefined)[] => stack.status().map(({ pid }) => pid);
const states = (stack: Stack): string[] => stack.status().map(({ state }) => state);

test('up starts, a second up changes nothing, down ends', async () => {
  await using stack = scriptedStack([scriptedPart('one', 24_801), scriptedPart('two', 24_802)]);
  await expect(stack.up()).resolves.toEqual({
    ONE_URL: 'http://127.0.0.1:24801',
    TWO_URL: 'http://127.0.0.1:24802',
  });
  const before = pids(stack);
  await stack.up();
  expect(pids(stack)).toEqual(before);
  await stack.down();
  expect(states(stack)).toEqual(['stopped', 'stopped']);
  expect(commandsIn(stack.folders.home)).toEqual([]);
});

test('two ups at once start each server once', async () => {
  await using stack = scriptedStack([scriptedPart('one', 24_801)]);
  await Promise.all([stack.up(), stack.up()]);
  expect(commandsIn(stack.folders.home)).toHaveLength(1);
});

test('a killed server shows as died and is started again, the others are left alone', async () => {
  await using stack = scriptedStack([scriptedPart('one', 24_801), scriptedPart('two', 24_802)]);
  await stack.up();
  const [one, two] = pids(stack);
  process.kill(one ?? 0, 'SIGKILL');
  await stack.up();
  expect(states(stack)).toEqual(['running', 'running']);
  expect(pids(stack)[0]).not.toBe(one);
  expect(pids(stack)[1]).toBe(two);
});

test('other settings start the server anew', async () => {
  await using stack = scriptedStack([scriptedPart('one', 24_801)]);
  await stack.up();
  const [before] = pids(stack);
  const moved = stack.again([scriptedPart('one', 24_803)]);
  await expect(moved.up()).resolves.toEqual({ ONE_URL: 'http://127.0.0.1:24803' });
  expect(pids(moved)[0]).not.toBe(before);
  expect(commandsIn(stack.folders.home)).toHaveLength(1);
});

test('a server that dies at start shows its last lines and its log, and takes the others with it', async () => {
  const broken = scriptedPart('broken', 24_802, () => 'console.error("no such luck"); process.exit(3)');
  await using stack = scriptedStack([scriptedPart('one', 24_801), broken]);
  const progress: StackProgress[] = [];
  const failed = stack.up({ onProgress: (step) => progress.push(step) });
  await expect(failed).rejects.toThrow(
    /The broken ended while it started[\s\S]*broken\.log[\s\S]*no such luck/,
  );
  expect(progress.filter(({ state }) => state === 'failed').map(({ part }) => part)).toContain('broken');
  expect(commandsIn(stack.folders.home)).toEqual([]);
  expect(existsSync(stack.folders.env)).toBe(false);
});

test('what ran before a failing up stays', async () => {
  const broken = scriptedPart('broken', 24_802, () => 'process.exit(3)');
  await using stack = scriptedStack([scriptedPart('one', 24_801), broken]);
  await stack.up({ only: ['one'] });
  await expect(stack.up()).rejects.toThrow('The broken ended');
  expect(states(stack)[0]).toBe('running');
});

test('an aborted up ends what it started', async () => {
  const silent = scriptedPart('silent', 24_802, () => 'setInterval(() => {}, 1000)');
  await using stack = scriptedStack([scriptedPart('one', 24_801), silent]);
  const stop = new AbortController();
  const starting = stack.up({
    signal: stop.signal,
    onProgress: ({ part, state }) => {
      if (part === 'one' && state === 'ready') stop.abort(new Error('interrupted'));
    },
  });
  await expect(starting).rejects.toThrow('interrupted');
  expect(commandsIn(stack.folders.home)).toEqual([]);
});

test('a port that something else has stops up before anything starts', async () => {
  await using first = scriptedStack([scriptedPart('one', 24_801)]);
  await first.up();
  await using second = scriptedStack([scriptedPart('two', 24_802), scriptedPart('one', 24_801)]);
  await expect(second.up()).rejects.toThrow('port 24801 for The one is taken');
  await expect(second.up()).rejects.toThrow('TANDEM_STACK_PORT_ONE');
  expect(commandsIn(second.folders.home)).toEqual([]);
});

test('a server given by the environment is passed on and not started', async () => {
  await using stack = scriptedStack([scriptedPart('one', 24_801)], { ONE_URL: 'http://elsewhere' });
  for (const time of ['first', 'second']) {
    await expect(stack.up()).resolves.toEqual({ ONE_URL: 'http://elsewhere' });
    expect([time, ...states(stack)]).toEqual([time, 'given']);
  }
});
