import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connectPlain } from '../src/database/plain-connection.ts';
import type { PlainConnection } from '../src/database/plain-connection.ts';
import { fetchOnce } from '../src/stack/download.ts';
import { findJava, javaServer } from '../src/stack/parts/java.ts';
import type { System } from '../test/chaos/system.ts';
import { otherSide, sides } from '../test/chaos/words.ts';
import type { Side } from '../test/chaos/words.ts';
import { eventually } from '../test/support/eventually.ts';
import { freePort } from '../test/support/free-port.ts';
import { middleRate, percentiles } from './rate.ts';
import type { Percentiles } from './rate.ts';
import {
  configurationScript,
  dropAll,
  engineProperties,
  hasTriggers,
  makeTables,
  symmetricDs,
  systemProperties,
  tables,
} from './symmetricds-config.ts';
import type { Databases } from './symmetricds-config.ts';

export interface SymmetricDsFigures {
  /** Milliseconds from a row's commit until a query on the other side finds it, one row at a time. */
  idleMs: { toRevamp: Percentiles; toLegacy: Percentiles };
  /** Rows of one large transaction on `legacy`, as they arrive in `revamp`. */
  burstPerSecond: number;
  /** Transactions of one row on `legacy`, one after another, from the first commit until all are in `revamp`. */
  singlePerSecond: number;
}

const patienceMs = 300_000;
const [warmUpRows, idleRows, singles] = [20, 60, 1000];

/**
 * SymmetricDS, two-way between the two servers with renamed columns, on tables of its own: two engines in one JVM, their jobs
 * every 50 ms. It captures by triggers, without identity, ledger and clocks. The burst comes last, when the JVM is warm.
 * `rows`: thousands, for they arrive a thousand in a batch.
 */
export async function measureSymmetricDs(
  { adminUrls }: Pick<System, 'adminUrls'>,
  { downloads, rows }: { downloads: string; rows: number },
): Promise<SymmetricDsFigures> {
  const fetching = { signal: AbortSignal.timeout(patienceMs), onProgress: () => {} };
  const libraries = join(await fetchOnce(downloads, symmetricDs, fetching), 'libs');
  const java = await findJava(downloads, process.env);
  const legacy = await connectPlain('postgres', adminUrls.legacy);
  const revamp = await connectPlain('mysql', adminUrls.revamp);
  const databases: Databases = { legacy, revamp };
  try {
    return await trustingFunctions(revamp, () =>
      withTables(databases, () =>
        withEngines({ java: java.file, libraries, adminUrls }, async () => {
          await eventually('SymmetricDS’s triggers on both tables', () => hasTriggers(databases), patienceMs);
          return figuresOf(databases, rows);
        }),
      ),
    );
  } finally {
    await Promise.all([legacy.close(), revamp.close()]);
  }
}

/** MySQL refuses functions that do not say what they read or write, while it keeps a binary log. */
async function trustingFunctions<T>(revamp: PlainConnection, task: () => Promise<T>): Promise<T> {
  const variable = 'GLOBAL log_bin_trust_function_creators';
  const [before] = await revamp.query(`SELECT @@${variable.replace(' ', '.')} AS value`);
  await revamp.query(`SET ${variable} = 1`);
  try {
    return await task();
  } finally {
    await revamp.query(`SET ${variable} = ${Number(before!['value'])}`);
  }
}

async function withTables<T>(databases: Databases, task: () => Promise<T>): Promise<T> {
  try {
    await makeTables(databases);
    return await task();
  } finally {
    await dropAll(databases);
  }
}

interface Engines {
  java: string;
  libraries: string;
  adminUrls: Readonly<Record<Side, string>>;
}

/** Runs the task while both engines run. Throws where their process ends before it. */
async function withEngines<T>({ java, libraries, adminUrls }: Engines, task: () => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-bench-'));
  try {
    const port = await freePort();
    await writeEngines(folder, adminUrls, port);
    const main = 'org.jumpmind.symmetric.SymmetricWebServer';
    const server = javaServer('1g', join(libraries, '*'), main);
    const child = spawn(java, [...systemProperties(folder, port), ...server], {
      cwd: folder,
      env: { ...process.env, SYM_HOME: folder },
      stdio: ['ignore', 2, 2],
    });
    const ended = once(child, 'exit').then(([code]): never => {
      throw new Error(`SymmetricDS ended with ${code}`);
    });
    try {
      return await Promise.race([task(), ended]);
    } finally {
      // Its own end waits for its jobs; what it holds is dropped.
      child.kill('SIGKILL');
      await ended.catch(() => {});
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function writeEngines(folder: string, adminUrls: Engines['adminUrls'], port: number): Promise<void> {
  const script = join(folder, 'configuration.sql');
  await writeFile(script, configurationScript());
  await mkdir(join(folder, 'engines'));
  for (const side of sides)
    await writeFile(
      join(folder, 'engines', `${side}.properties`),
      engineProperties(side, adminUrls[side], port, script),
    );
}

async function figuresOf(databases: Databases, rows: number): Promise<SymmetricDsFigures> {
  let last = 0;
  /** The first of so many numbers that no row has yet. */
  const take = (count: number): number => {
    last += count;
    return last - count + 1;
  };
  for (const side of sides) await idleLatencies(databases, side, take(warmUpRows), warmUpRows);
  const toRevamp = percentiles(await idleLatencies(databases, 'legacy', take(idleRows), idleRows));
  const toLegacy = percentiles(await idleLatencies(databases, 'revamp', take(idleRows), idleRows));
  const singlePerSecond = await singleRate(databases, take(singles));
  const burstPerSecond = await burstRate(databases, take(rows), rows);
  return { idleMs: { toRevamp, toLegacy }, burstPerSecond, singlePerSecond };
}

const userColumns: Readonly<Record<Side, string>> = {
  legacy: 'id, user_id, post_title',
  revamp: 'id, author_id, title',
};

const insertOne = (side: Side, id: number): string =>
  `INSERT INTO ${tables[side]} (${userColumns[side]}) VALUES (${id}, 1, 'bench ${id}')`;

/** Milliseconds from commit until seen, of rows inserted on that side when the one before has arrived. */
async function idleLatencies(
  databases: Databases,
  from: Side,
  first: number,
  count: number,
): Promise<number[]> {
  const to = otherSide[from];
  const latencies: number[] = [];
  for (let id = first; id < first + count; id++) {
    // At no fixed distance from the jobs' beat, on which the one before arrived.
    await delay(50 + Math.random() * 100);
    await databases[from].query(insertOne(from, id));
    const committed = performance.now();
    const limit = committed + 60_000;
    while ((await databases[to].query(`SELECT id FROM ${tables[to]} WHERE id = ${id}`)).length === 0) {
      if (performance.now() > limit) throw new Error(`row ${id} of ${from} was not in ${to} after 60 s`);
      await delay(1);
    }
    latencies.push(performance.now() - committed);
  }
  return latencies;
}

async function singleRate(databases: Databases, first: number): Promise<number> {
  await databases.legacy.query(insertOne('legacy', first));
  const began = performance.now();
  for (let id = first + 1; id < first + singles; id++) await databases.legacy.query(insertOne('legacy', id));
  const ends = await arrivals(databases.revamp, first, singles);
  return (singles * 1000) / (ends.at(-1)! - began);
}

async function burstRate(databases: Databases, first: number, count: number): Promise<number> {
  await databases.legacy.query(
    `INSERT INTO ${tables.legacy} (${userColumns.legacy})
      SELECT n, 1, 'bench ' || n FROM generate_series(${first}, ${first + count - 1}) n`,
  );
  return middleRate(await arrivals(databases.revamp, first, count));
}

/** The moments in which rows of `legacy` were seen in `revamp`, milliseconds in order. */
async function arrivals(revamp: PlainConnection, first: number, count: number): Promise<number[]> {
  const ends: number[] = [];
  const limit = performance.now() + patienceMs;
  while (ends.length < count) {
    const [counted] = await revamp.query(`SELECT COUNT(*) AS n FROM ${tables.revamp} WHERE id >= ${first}`);
    while (ends.length < Number(counted!['n'])) ends.push(performance.now());
    if (performance.now() > limit)
      throw new Error(
        `${ends.length} of ${count} rows of legacy were in revamp after ${patienceMs / 1000} s`,
      );
    await delay(20);
  }
  return ends;
}
