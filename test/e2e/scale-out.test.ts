import { test } from '@jest/globals';
import { createLogger } from '../../src/observability/logger.ts';
import { metricNames } from '../../src/observability/names.ts';
import { run } from '../../src/process/run.ts';
import type { Running } from '../../src/process/run.ts';
import { runBlog } from '../support/blog-system.ts';
import { differences } from '../support/differences.ts';
import { eventually } from '../support/eventually.ts';

/** Of one process: the value of a metric, over all its labels. */
async function total({ metricsPort }: Running, name: string): Promise<number> {
  const text = await (await fetch(`http://localhost:${metricsPort}/metrics`)).text();
  return text
    .split('\n')
    .filter((line) => line.startsWith(name))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

test('two processes share what there is to read and to apply, and one goes on alone', async () => {
  await using blog = await runBlog();
  const second = await run({
    environment: blog.environment,
    pipelines: [blog.pipeline],
    ingest: 'all',
    worker: true,
    log: createLogger({ level: 'silent' }),
  });
  const both = [blog.running, second];
  const read = (process: Running) => total(process, `${metricNames.batchSize}_sum`);
  const applied = (process: Running) => total(process, metricNames.total);
  const insert = async (name: string) => {
    await blog.app(
      'legacy',
      `INSERT INTO legacy_users (username, email)
        SELECT $1 || n, $1 || n || '@example.com' FROM generate_series(1, 60) n`,
      [name],
    );
    await eventually('both sides to agree', async () => (await differences(blog, name)).length === 0);
  };
  try {
    const before = await Promise.all(both.map(async (each) => [await read(each), await applied(each)]));
    let round = 0;
    // The first rounds may come before the group is shared out anew.
    await eventually('each to have read and applied its share', async () => {
      await insert(`shared_${blog.run}_${(round += 1)}_`);
      const now = await Promise.all(both.map(async (each) => [await read(each), await applied(each)]));
      return now.every(([records, events], at) => records! > before[at]![0]! && events! > before[at]![1]!);
    });
    await second.stop();
    await insert(`alone_${blog.run}_`);
  } finally {
    await second.stop();
  }
});
