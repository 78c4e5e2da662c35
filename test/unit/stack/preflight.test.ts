import { expect, test } from '@jest/globals';
import { assertReady, preflight } from '../../../src/stack/preflight.ts';
import type { Machine, Needs } from '../../../src/stack/preflight.ts';

const needs: Needs = { tools: ['pip', 'maven'], diskBytes: 3e9, memoryBytes: 2e9 };

const machine = (change: Partial<Machine> = {}): Machine => ({
  system: 'linux x64',
  nodeVersion: '20.19.0',
  freeDisk: () => Promise.resolve(4e9),
  freeMemory: () => 4e9,
  has: () => true,
  ...change,
});

const missing = async (change: Partial<Machine>): Promise<string[]> =>
  (await preflight(needs, machine(change))).filter(({ ok }) => !ok).map(({ subject }) => subject);

test('a machine with everything passes', async () => {
  await expect(missing({})).resolves.toEqual([]);
  await expect(assertReady(needs, machine())).resolves.toBeUndefined();
});

test.each<[string, Partial<Machine>, string]>([
  ['another system', { system: 'darwin arm64' }, 'system'],
  ['an old Node', { nodeVersion: '20.18.3' }, 'Node 20.19 or newer'],
  ['a missing client', { has: (tool) => tool !== 'maven' }, 'Maven'],
  ['a full disk', { freeDisk: () => Promise.resolve(1e9) }, 'free disk'],
  ['little memory', { freeMemory: () => 1e9 }, 'free memory'],
])('%s is reported', async (_, change, subject) => {
  await expect(missing(change)).resolves.toEqual([subject]);
});

test('newer versions of Node pass', async () => {
  await expect(missing({ nodeVersion: '22.0.0' })).resolves.toEqual([]);
  await expect(missing({ nodeVersion: '20.20.1' })).resolves.toEqual([]);
});

test('only what is to be fetched is asked for', async () => {
  const nothing: Needs = { tools: [], diskBytes: 0, memoryBytes: 0 };
  const bare = machine({ has: () => false, freeMemory: () => 0, freeDisk: () => Promise.resolve(0) });
  await expect(assertReady(nothing, bare)).resolves.toBeUndefined();
});

test('everything missing is named at once, each with its remedy', async () => {
  const bare = machine({ has: () => false, freeDisk: () => Promise.resolve(5e8), freeMemory: () => 1e9 });
  const failed = assertReady(needs, bare);
  await expect(failed).rejects.toThrow(/^Nothing was fetched or started/);
  await expect(failed).rejects.toThrow(/pip \(not found\): .*python3-pip/);
  await expect(failed).rejects.toThrow(/Maven \(not found\): .*maven/);
  await expect(failed).rejects.toThrow('free disk (0.5 GB, needed 3.0 GB)');
  await expect(failed).rejects.toThrow('free memory (1.0 GB, needed 2.0 GB)');
});
