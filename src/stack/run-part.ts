import { setTimeout as pause } from 'node:timers/promises';
import { fetchOnce } from './download.ts';
import { ignorePathVariable } from './path-binary.ts';
import type { Part, PartContext, PartPlan, Server } from './part.ts';
import { isAlive } from './process-identity.ts';
import { fetchText } from './progress.ts';
import type { ProgressListener } from './progress.ts';
import { endServer, launch, logTail, readRecord, settingsHash } from './server-process.ts';
import { becomes } from './wait.ts';

const readyLimitMs = 120_000;
const probeLimitMs = 10_000;
/** A server that ran and stays silent this long is started anew. */
const runningLimitMs = 30_000;

export interface PartRun {
  readonly part: Part;
  readonly plan: PartPlan;
  readonly context: PartContext;
  readonly signal: AbortSignal;
  /** Settled when the parts this one comes after are ready. */
  readonly turn: Promise<unknown>;
  readonly onProgress: ProgressListener;
  /** Called as soon as a server of this run is on record. */
  onLaunch(part: Part): void;
}

export interface RunningPart {
  readonly version: string;
  readonly source: 'path' | 'download';
}

async function fetchAll({ part, plan, context, signal, onProgress }: PartRun): Promise<void> {
  for (const download of plan.downloads) {
    await fetchOnce(context.folders.downloads, download, {
      signal,
      onProgress: ({ bytes, elapsedMs }) =>
        onProgress({
          part: part.name,
          state: 'fetching',
          text: fetchText(download.title, bytes, download.bytes, elapsedMs),
        }),
    }).catch((error: unknown) => {
      signal.throwIfAborted();
      throw new Error(`${download.title} could not be fetched. ${(error as Error).message}`, {
        cause: error,
      });
    });
  }
}

/** A stopped process accepts connections and never answers. */
async function tooLate(): Promise<never> {
  await pause(probeLimitMs, undefined, { ref: false });
  throw new Error(`no answer within ${probeLimitMs / 1000} s`);
}

type Answer = 'ready' | 'ended' | 'silent';

/** Asks the recorded server until it does its work or has ended. */
async function answerOf(run: PartRun, server: Server, limitMs: number): Promise<[Answer, unknown]> {
  const file = run.context.folders.record(run.part.name);
  let answer: Answer = 'silent';
  let last: unknown;
  await becomes(
    async () => {
      const record = readRecord(file);
      if (!record || !isAlive(record.identity)) answer = 'ended';
      else
        await Promise.race([server.probe(), tooLate()]).then(
          () => (answer = 'ready'),
          (error: unknown) => (last = error),
        );
      return answer !== 'silent';
    },
    { limitMs, signal: run.signal },
  );
  return [answer, last];
}

function failure({ part, plan, context }: PartRun, server: Server, answer: Answer, cause: unknown): Error {
  const log = context.folders.log(part.name);
  const what = answer === 'ended' ? 'ended while it started' : `did not answer in ${readyLimitMs / 1000} s`;
  const hint =
    plan.source === 'path'
      ? `\n${server.command.file} was found on PATH; ${ignorePathVariable}=1 fetches a known one instead.`
      : '';
  return new Error(`${part.title} ${what}. The end of ${log}:\n${logTail(log, 15)}${hint}`, { cause });
}

/** True when this very server, with these settings, is there and answers. */
async function isServing(run: PartRun, server: Server): Promise<boolean> {
  const record = readRecord(run.context.folders.record(run.part.name));
  if (!record || !isAlive(record.identity) || record.settings !== settingsHash(server.command)) return false;
  const [answer] = await answerOf(run, server, runningLimitMs);
  return answer === 'ready';
}

/**
 * Brings one part up: fetches what is missing, leaves a server alone that runs with the same settings and answers,
 * cleans up after one that died, and returns when the server does its work.
 */
export async function runPart(run: PartRun): Promise<RunningPart> {
  const { part, plan, context, signal, onProgress } = run;
  const say = (state: 'fetching' | 'starting' | 'ready', text: string): void =>
    onProgress({ part: part.name, state, text });
  await fetchAll(run);
  await run.turn;
  signal.throwIfAborted();
  const server = await plan.server();
  const { folders } = context;
  const record = folders.record(part.name);
  const wasRunning = await isServing(run, server);
  if (!wasRunning) {
    say('starting', `starting ${server.version}`);
    await endServer(record);
    await server.prepare();
    signal.throwIfAborted();
    launch({
      command: server.command,
      version: server.version,
      ports: part.ports.map(({ name }) => context.port(name)),
      log: folders.log(part.name),
      record,
    });
    run.onLaunch(part);
    const [answer, cause] = await answerOf(run, server, readyLimitMs);
    if (answer !== 'ready') throw failure(run, server, answer, cause);
  }
  await server.settle?.();
  const where = part.ports.map(({ name }) => context.port(name)).join(', ');
  say('ready', `${server.version} on port ${where}${wasRunning ? ' (was running)' : ''}`);
  return { version: server.version, source: plan.source };
}
