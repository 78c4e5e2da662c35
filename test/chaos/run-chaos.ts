import { setTimeout as delay } from 'node:timers/promises';
import type { Stack } from '../../src/stack/stack.ts';
import type { Lane } from '../../src/ingest/lane.ts';
import { thisBuild } from './build.ts';
import type { Build } from './build.ts';
import { Journal } from './journal.ts';
import { keyOperations } from './key-operations.ts';
import type { Mode } from './mode.ts';
import { torment } from './nemesis.ts';
import type { Fault } from './nemesis.ts';
import { deadLetters, openEvents } from './open-work.ts';
import { Pace } from './pace.ts';
import { operations } from './operations.ts';
import { quiesce } from './quiesce.ts';
import { Random } from './random.ts';
import type { Report } from './report.ts';
import { takeSnapshots } from './rows.ts';
import type { Snapshot } from './rows.ts';
import { openSystem } from './system.ts';
import { processTarget, serverTarget } from './targets.ts';
import { judge } from './verdict.ts';
import { exchange, uniqueOperations } from './unique-operations.ts';
import { watch } from './watch.ts';
import type { Sightings } from './watch.ts';
import type { System } from './system.ts';
import type { Side } from './words.ts';
import { write } from './writers.ts';

/** What goes on while the apps write; they stop when it ends, and it has to when the signal aborts. */
export type Ordeal = (run: OrdealRun) => Promise<void>;

export interface OrdealRun {
  system: System;
  journal: Journal;
  /** What the names of this run's rows begin with. */
  mark: string;
  random: Random;
  pace: Pace;
  /** What it did to parts, for the report. */
  faults: Fault[];
  signal: AbortSignal;
}

export interface ChaosOptions {
  stack: Stack;
  /** What installs the system and runs at first; default this build. */
  build?: Build;
  /** Default: parts are killed and stopped. */
  ordeal?: Ordeal;
  /** The command that runs it again; by default one of the chaos run. */
  replay?: string;
  minutes: number;
  seed: number;
  mode: Mode;
  lane?: Lane;
  /** Operations a second of all writers together. */
  rate: number;
  /** Whether apps change keys of rows as well. */
  keys: boolean;
  /** How long it may take to become quiet; by default longer than an event may wait for another row. */
  patienceMs?: number;
  say?: (line: string) => void;
}

/** Open events at which the writers pause: what a small machine works off in a minute. */
const mostOpen = 600;

/** Runs writers against nemesis, waits for quiet and judges what is left. */
export async function runChaos(options: ChaosOptions): Promise<Report> {
  const {
    stack,
    minutes,
    seed,
    mode,
    lane = 'auto',
    rate,
    keys,
    build = thisBuild,
    ordeal = tormentAll,
    replay = `npm run test:chaos -- --minutes ${minutes} --seed ${seed} --mode ${mode.name} --lane ${lane}${keys ? ' --keys' : ''}`,
    patienceMs = 720_000,
    say = () => undefined,
  } = options;
  await using system = await openSystem(stack, mode, lane, build);
  const since = new Date();
  const mark = `chaos${since.getTime().toString(36)}_`;
  const journal = new Journal();
  const faults: Fault[] = [];
  const pace = new Pace(rate, mostOpen);
  const sightings: Sightings = { mostOpen: 0, worstLagSeconds: 0 };
  for (const each of system.processes) await each.start();
  await Promise.all(system.processes.map((each) => each.ready()));

  say(`seed ${seed}: writing for ${minutes} min at most`);
  const most = [...operations, ...uniqueOperations, ...(keys ? keyOperations : [])];
  const all = [...most, exchange];
  const ending = new AbortController();
  const looking = new AbortController();
  const { signal } = ending;
  const looked = watch(system, pace, sightings, looking.signal);
  const torn = ordeal({ system, journal, mark, random: new Random(seed), pace, faults, signal });
  const written = write({
    adminUrls: system.adminUrls,
    mode,
    journal,
    mark,
    seed,
    // Without row clocks, values that rows of the side that does not win exchange end as dead letters.
    operations: { legacy: all, revamp: mode.clocked ? all : most },
    pace,
    signal,
  });
  try {
    const over = delay(minutes * 60_000, undefined, { signal }).catch(() => undefined);
    await Promise.race([over, torn, written]);
  } finally {
    ending.abort();
    await Promise.allSettled([torn, written]);
  }
  await torn;
  await written;

  say(`${journal.acknowledged} operations and ${faults.length} faults later: waiting for quiet`);
  const quietFrom = Date.now();
  const unquiet: string[] = [];
  const revived = await quiesce(system, journal, mark, new Random(seed + 1), patienceMs).catch(
    async (error: unknown) => {
      unquiet.push(String(error), ...(await openEvents(system.client, since)));
      return [];
    },
  );
  looking.abort();
  await looked;
  const quiesceSeconds = (Date.now() - quietFrom) / 1000;
  const snapshots = await takeSnapshots(system.adminUrls, mark, since, mode);
  const findings = judge({
    journal,
    snapshots,
    records: await system.records(),
    since,
    mode,
    dead: await deadLetters(system.client, since),
    unquiet,
    deaths: system.deaths(),
  });
  return {
    mode,
    seed,
    minutes: Math.round((quietFrom - since.getTime()) / 60_000),
    replay,
    operations: Object.fromEntries(journal.operations),
    refusals: Object.fromEntries(journal.refusals),
    faults,
    ...counted(snapshots),
    ...sightings,
    heldSeconds: pace.heldMs / 1000,
    quiesceSeconds,
    revived,
    findings,
  };
}

const tormentAll: Ordeal = ({ system: { stack, processes }, random, faults, signal }) =>
  torment(
    [...processes.map(processTarget), ...stack.parts.map(({ name }) => serverTarget(stack, name))],
    random,
    signal,
    faults,
  );

function counted(snapshots: Readonly<Record<Side, Snapshot>>): Pick<Report, 'conflicts' | 'outcomes'> {
  const conflicts: Record<string, number> = {};
  const outcomes: Record<string, number> = {};
  for (const snapshot of Object.values(snapshots)) {
    for (const { type } of snapshot.conflicts) conflicts[type] = (conflicts[type] ?? 0) + 1;
    for (const [outcome, n] of snapshot.outcomes) outcomes[outcome] = (outcomes[outcome] ?? 0) + n;
  }
  return { conflicts, outcomes };
}
