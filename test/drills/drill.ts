import { connectPlain } from '../../src/database/plain-connection.ts';
import type { PlainConnection } from '../../src/database/plain-connection.ts';
import { adminUrlVariable, databaseUrlVariable } from '../../src/stack/databases.ts';
import { readEnvFile } from '../../src/stack/env-file.ts';
import type { Stack } from '../../src/stack/stack.ts';
import { openSystem } from '../chaos/system.ts';
import type { System } from '../chaos/system.ts';
import { Journal } from '../chaos/journal.ts';
import { modes } from '../chaos/mode.ts';
import { deadLetters, openEvents } from '../chaos/open-work.ts';
import { operations } from '../chaos/operations.ts';
import { Pace } from '../chaos/pace.ts';
import { quiesce } from '../chaos/quiesce.ts';
import { Random } from '../chaos/random.ts';
import { takeSnapshots } from '../chaos/rows.ts';
import { serverTarget } from '../chaos/targets.ts';
import { judge } from '../chaos/verdict.ts';
import type { Finding } from '../chaos/verdict.ts';
import { sides, words } from '../chaos/words.ts';
import type { Side } from '../chaos/words.ts';
import { write } from '../chaos/writers.ts';
import { buildCli, tandem } from '../support/built-cli.ts';
import { eventually } from '../support/eventually.ts';
import { Proxy } from '../support/proxy.ts';
import { drillStack } from '../support/test-stack.ts';

/** Of all apps together, a second; and open events at which they pause. */
const pace = { rate: 12, mostOpen: 600 };
const patienceMs = 180_000;

/**
 * `blog` on servers of its own. Apps, Tandem and Debezium reach the databases by doors, as by a name: an operator who moves
 * the name moves all of them.
 */
export class Drill implements AsyncDisposable {
  readonly stack: Stack;
  readonly system: System;
  readonly doors: Readonly<Record<Side, Proxy>>;
  readonly since = new Date();
  readonly journal = new Journal();
  readonly mark = `drill${this.since.getTime().toString(36)}_`;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #pace = new Pace(pace.rate, pace.mostOpen);
  readonly #dead = new Set<string>();
  #writing: { ending: AbortController; ended: Promise<void> } | null = null;

  private constructor(
    stack: Stack,
    system: System,
    doors: Drill['doors'],
    environment: Readonly<Record<string, string>>,
  ) {
    this.stack = stack;
    this.system = {
      ...system,
      // What the drill has killed stays dead.
      stack: { ...stack, up: () => stack.up({ only: this.#alive() }) },
    };
    this.doors = doors;
    this.#environment = environment;
  }

  /** With ingest and worker running. */
  static async open(): Promise<Drill> {
    await buildCli();
    const stack = drillStack();
    await stack.down({ wipe: true });
    try {
      return await Drill.#on(stack);
    } catch (error) {
      await stack.down();
      throw error;
    }
  }

  static async #on(stack: Stack): Promise<Drill> {
    await stack.up();
    const plain = readEnvFile(stack.folders.env);
    const through = async (side: Side): Promise<[Side, Proxy]> => {
      const proxy = await Proxy.before(new URL(plain[adminUrlVariable(side)]!).host);
      await proxy.open();
      return [side, proxy];
    };
    const doors = Object.fromEntries(await Promise.all(sides.map(through))) as Record<Side, Proxy>;
    const moved = sides.flatMap((side) =>
      [databaseUrlVariable(side), adminUrlVariable(side)].map((name) => {
        const url = new URL(plain[name]!);
        url.host = doors[side].address;
        return [name, url.href] as const;
      }),
    );
    const own = Object.fromEntries(moved);
    const system = await openSystem(stack, modes.full, 'auto', undefined, own);
    const drill = new Drill(stack, system, doors, { ...plain, ...own });
    for (const each of system.processes) await each.start();
    await Promise.all(system.processes.map((each) => each.ready()));
    return drill;
  }

  #alive(): string[] {
    return this.stack.parts.map(({ name }) => name).filter((name) => !this.#dead.has(name));
  }

  /** A command as the operator runs it; throws what it says where it fails. */
  async operator(...line: string[]): Promise<string> {
    const { code, stdout, stderr } = await tandem(line, { ...this.#environment });
    if (code !== 0) throw new Error(`tandem ${line.join(' ')} ends with ${code}: ${stderr}${stdout}`);
    return stdout;
  }

  /** Kafka Connect, as the runbook speaks to it. */
  async connect(method: string, path: string): Promise<void> {
    const url = `${this.#environment['CONNECT_URL']}/connectors/${path}`;
    await eventually(`Kafka Connect to take ${method} ${path}`, async () => {
      const answer = await fetch(url, { method });
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
      return true;
    });
  }

  /** As the administrator, by the door. */
  async admin<T>(side: Side, work: (connection: PlainConnection) => Promise<T>): Promise<T> {
    const connection = await connectPlain(words[side].engine, this.system.adminUrls[side]);
    try {
      return await work(connection);
    } finally {
      await connection.close();
    }
  }

  /** Apps write on both sides from here on, through whatever happens. */
  begin(): void {
    const ending = new AbortController();
    const ended = write({
      adminUrls: this.system.adminUrls,
      mode: modes.full,
      journal: this.journal,
      mark: this.mark,
      seed: this.since.getTime() % 100_000,
      operations: { legacy: operations, revamp: operations },
      pace: this.#pace,
      signal: ending.signal,
    });
    this.#writing = { ending, ended };
  }

  async halt(): Promise<void> {
    const writing = this.#writing;
    this.#writing = null;
    writing?.ending.abort();
    await writing?.ended;
  }

  /** Waits until apps have had so many more versions of rows acknowledged on a side. */
  async written(side: Side, versions: number): Promise<void> {
    const count = () =>
      this.journal.writes.filter((each) => each.side === side && each.ending === 'acknowledged').length;
    const before = count();
    await eventually(`${versions} versions on ${side}`, () => count() >= before + versions);
  }

  /** SIGKILL; nobody starts it again. */
  kill(part: string): void {
    this.#dead.add(part);
    this.#signal(part, 'SIGKILL');
  }

  /** Stands still while the work is done. */
  async held(part: string, work: () => Promise<void>): Promise<void> {
    this.#signal(part, 'SIGSTOP');
    try {
      await work();
    } finally {
      this.#signal(part, 'SIGCONT');
    }
  }

  #signal(part: string, signal: NodeJS.Signals): void {
    for (const pid of serverTarget(this.stack, part).pids()) process.kill(pid, signal);
  }

  /** Waits for quiet. */
  async quiet(): Promise<void> {
    await quiesce(this.system, this.journal, this.mark, new Random(Date.now()), patienceMs).catch(
      async (error: unknown) => {
        throw new Error([String(error), ...(await openEvents(this.system.client, this.since))].join('\n'));
      },
    );
  }

  /** What the apps' journal says against the two databases; `claims`: only those. Throws what does not hold. */
  async judge(claims: (finding: Finding) => boolean = () => true): Promise<void> {
    const findings = judge({
      journal: this.journal,
      snapshots: await takeSnapshots(this.system.adminUrls, this.mark, this.since, modes.full),
      records: await this.system.records(),
      since: this.since,
      mode: modes.full,
      dead: await deadLetters(this.system.client, this.since),
      unquiet: [],
      deaths: this.system.processes.flatMap(({ deaths }) => deaths),
    });
    const failed = findings.filter((finding) => finding.problems.length > 0 && claims(finding));
    if (failed.length > 0)
      throw new Error(
        failed
          .map(({ claim, problems }) => `${claim}: ${problems.length}\n${problems.slice(0, 20).join('\n')}`)
          .join('\n'),
      );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.halt();
    await this.system[Symbol.asyncDispose]();
    await Promise.all(Object.values(this.doors).map((door) => door.shut()));
    await this.stack.down();
  }
}
