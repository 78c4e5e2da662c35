import { setTimeout as delay } from 'node:timers/promises';
import { App } from './app.ts';
import type { Journal } from './journal.ts';
import type { Mode } from './mode.ts';
import type { Operation } from './operations.ts';
import type { Pace } from './pace.ts';
import { race } from './races.ts';
import { Random } from './random.ts';
import { sides } from './words.ts';
import type { Side } from './words.ts';

export interface Writing {
  adminUrls: Readonly<Record<Side, string>>;
  mode: Mode;
  journal: Journal;
  mark: string;
  seed: number;
  /** What the apps of a side do, on it alone. */
  operations: Readonly<Record<Side, readonly Operation[]>>;
  pace: Pace;
  signal: AbortSignal;
}

/** Two apps on each side, and one pair of apps that races for the same rows; returns once the signal aborted. */
export async function write(writing: Writing): Promise<void> {
  const writers = sides.flatMap((side, index) =>
    [0, 1].map((n) => writeAlone(writing, side, new Random(writing.seed * 10 + index * 2 + n))),
  );
  await Promise.all([...writers, writeRaces(writing, new Random(writing.seed * 10 + 9))]);
}

async function writeAlone(
  { adminUrls, mode, journal, mark, operations, pace, signal }: Writing,
  side: Side,
  random: Random,
): Promise<void> {
  const app = new App(side, adminUrls[side], mode);
  const deleted: string[] = [];
  while (await pace.turn(random, signal)) {
    const operation = random.weighted(operations[side]);
    const { ending, writes, reason } = await app.transaction((hand) =>
      operation.run({ hand, random, mark, deleted }),
    );
    journal.note(operation.name, ending, writes, `${side}: ${reason}`);
    // A server that is away refuses at once.
    if (ending === 'refused') await delay(200);
  }
  await app.close();
}

async function writeRaces(
  { adminUrls, mode, journal, mark, pace, signal }: Writing,
  random: Random,
): Promise<void> {
  const apps = {
    legacy: new App('legacy', adminUrls.legacy, mode),
    revamp: new App('revamp', adminUrls.revamp, mode),
  };
  while (await pace.turn(random, signal)) await race(apps, journal, mark, random);
  await Promise.all([apps.legacy.close(), apps.revamp.close()]);
}
