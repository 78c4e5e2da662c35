import { fetchOnce } from './download.ts';
import type { Part, PartContext, PartPlan, Server } from './part.ts';
import { isAlive } from './process-identity.ts';
import { fetchText } from './progress.ts';
import type { ProgressListener } from './progress.ts';
import { endServer, launch, logTail, readRecord, settingsHash } from './server-process.ts';
import { becomes } from './wait.ts';

const readyLimitMs = 120_000;

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

async function untilReady({ part, plan, context, signal }: PartRun, server: Server): Promise<void> {
  const log = context.folders.log(part.name);
  let last: unknown;
  const answers = async (): Promise<boolean> => {
    const record = readRecord(context.folders.record(part.name));
    if (!record || !isAlive(record.identity)) throw failure('ended while it started');
    return server.probe().then(
      () => true,
      (error: unknown) => {
        last = error;
        return false;
      },
    );
  };
  const failure = (what: string): Error => {
    const hint =
      plan.source === 'path'
        ? `\n${server.command.file} was found on PATH; TANDEM_STACK_IGNORE_PATH=1 fetches a known one instead.`
        : '';
    return new Error(`${part.title} ${what}. The end of ${log}:\n${logTail(log, 15)}${hint}`, {
      cause: last,
    });
  };
  if (!(await becomes(answers, { limitMs: readyLimitMs, signal })))
    throw failure(`did not answer within ${readyLimitMs / 1000} s`);
}

/**
 * Brings one part up: fetches what is missing, leaves a running server with the same settings alone, cleans up
 * after one that died, and returns when the server does its work.
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
  const before = readRecord(record);
  const same = before && isAlive(before.identity) && before.settings === settingsHash(server.command);
  if (!same) {
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
  }
  await untilReady(run, server);
  await server.settle?.();
  const where = part.ports.map(({ name }) => context.port(name)).join(', ');
  say('ready', `${server.version} on port ${where}${same ? ' (was running)' : ''}`);
  return { version: server.version, source: plan.source };
}
