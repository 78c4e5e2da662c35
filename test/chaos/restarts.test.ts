import { expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { readRecord } from '../../src/stack/server-process.ts';
import { workflowTypes } from '../../src/temporal/names.ts';
import { openBlog } from '../support/blog-system.ts';
import type { Blog } from '../support/blog-system.ts';
import { differences } from '../support/differences.ts';
import { eventually } from '../support/eventually.ts';
import { seeded, writeAtRandom } from '../support/random-writers.ts';
import { testStack } from '../support/test-stack.ts';
import { UpProcess } from '../support/up-process.ts';

const seed = Number(process.env['CHAOS_SEED'] ?? Date.now() % 100_000);
const seconds = Number(process.env['CHAOS_SECONDS'] ?? 30);

const countOf = async (blog: Blog, type: string) =>
  (
    await blog.client.workflow.count(
      `WorkflowType = '${type}' AND ExecutionStatus = 'Running' AND TandemPipeline = '${blog.pipeline.name}'`,
    )
  ).count;

/** Stops a server of the test stack for a while; its connections hang as they do when a machine stalls. */
async function stall(part: string, milliseconds: number): Promise<void> {
  const { pid } = readRecord(testStack().folders.record(part))!.identity;
  process.kill(pid, 'SIGSTOP');
  try {
    await delay(milliseconds);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

test(`writers on both sides while the process is killed and servers stall (seed ${seed}): both sides agree and nothing is dead`, async () => {
  await using blog = await openBlog();
  await using other = await openBlog();
  const random = seeded(seed);
  const mark = `chaos${blog.run}_`;
  const tandem = new UpProcess(28_981, 28_980);
  await tandem.start();
  try {
    const differed = new Set(await differences(blog));
    const newDifferences = async () => (await differences(blog)).filter((each) => !differed.has(each));
    const deadBefore = await countOf(blog, workflowTypes.deadLetter);
    const ending = new AbortController();
    const writers = [
      writeAtRandom(blog, 'legacy', mark, seeded(seed + 1), ending.signal),
      writeAtRandom(other, 'revamp', mark, seeded(seed + 2), ending.signal),
    ];
    const end = Date.now() + seconds * 1000;
    while (Date.now() < end) {
      const pick = random();
      if (pick < 0.4) {
        await tandem.kill();
        await tandem.start();
      } else if (pick < 0.6) await stall('mysql', 1000 + random() * 2000);
      else if (pick < 0.8) await stall('kafka', 1000 + random() * 2000);
      else await stall('temporal', 1000 + random() * 2000);
      await delay(random() * 2000);
    }
    ending.abort();
    const reports = await Promise.all(writers);
    for (const { writes } of reports) expect(writes).toBeGreaterThan(0);

    await eventually(
      'every event to have ended',
      async () => (await countOf(blog, workflowTypes.syncChange)) === 0,
      240_000,
    );
    await eventually(
      'both sides to agree and every event to have ended',
      async () =>
        (await countOf(blog, workflowTypes.syncChange)) === 0 && (await newDifferences()).length === 0,
      240_000,
    );
    expect(await newDifferences()).toEqual([]);
    expect(await countOf(blog, workflowTypes.deadLetter)).toBe(deadBefore);
    expect(await tandem.drain()).toBe(0);
  } finally {
    await tandem.kill();
  }
}, 700_000);
