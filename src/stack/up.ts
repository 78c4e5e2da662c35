import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { writeEnvFile } from './env-file.ts';
import type { Variables } from './env-file.ts';
import { assertFree } from './ports.ts';
import type { Part } from './part.ts';
import { isAlive } from './process-identity.ts';
import type { ProgressListener } from './progress.ts';
import { runPart } from './run-part.ts';
import type { RunningPart } from './run-part.ts';
import { endServer, readRecord } from './server-process.ts';
import { selectParts, survey } from './survey.ts';
import type { Survey, SurveyInput } from './survey.ts';

export interface UpOptions {
  /** Parts to bring up, with those they depend on; all of them without it. */
  readonly only?: readonly string[] | undefined;
  /** Aborted, `up` ends what it started and rejects. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
}

const isRunning = ({ context }: Survey, part: Part): boolean => {
  const record = readRecord(context.folders.record(part.name));
  return record !== undefined && isAlive(record.identity);
};

/** A port is ours when our own server, alive and on record, has it. */
async function assertPorts(found: Survey, chosen: readonly Part[], offset: number): Promise<void> {
  const claims = chosen.flatMap((part) => {
    const record = readRecord(found.context.folders.record(part.name));
    const held = record && isAlive(record.identity) ? record.ports : [];
    return part.ports
      .map((use) => ({ part: part.title, use, port: found.context.port(use.name) }))
      .filter(({ port }) => !held.includes(port));
  });
  await assertFree(claims, offset);
}

function recordVersions(file: string, running: ReadonlyMap<Part, RunningPart>): void {
  const now = Object.fromEntries([...running].map(([part, value]) => [part.name, value]));
  let before: object = {};
  try {
    before = JSON.parse(readFileSync(file, 'utf8')) as object;
  } catch {
    // The first `up` of this stack.
  }
  writeFileSync(file, `${JSON.stringify({ ...before, ...now }, null, 2)}\n`);
}

async function runAll(
  found: Survey,
  chosen: readonly Part[],
  options: UpOptions,
): Promise<Map<Part, RunningPart>> {
  const { context } = found;
  const onProgress = options.onProgress ?? (() => undefined);
  const plans = new Map(
    await Promise.all(chosen.map(async (part) => [part, await part.plan(context)] as const)),
  );
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, ...(options.signal ? [options.signal] : [])]);
  const launched: Part[] = [];
  const runs = new Map<string, Promise<RunningPart>>();
  let first: unknown;
  for (const [part, plan] of plans) {
    onProgress({ part: part.name, state: 'planned', text: '' });
    const turn = Promise.all(part.after.flatMap((name) => runs.get(name) ?? []));
    // Reported through the run itself; here it must not count as unhandled.
    turn.catch(() => undefined);
    const run = runPart({
      part,
      plan,
      context,
      signal,
      turn,
      onProgress,
      onLaunch: (own) => launched.push(own),
    });
    runs.set(
      part.name,
      run.catch((error: unknown) => {
        first ??= error;
        onProgress({ part: part.name, state: 'failed', text: (error as Error).message });
        stop.abort(error);
        throw error;
      }),
    );
  }
  await Promise.allSettled(runs.values());
  if (first === undefined) {
    const done = [...plans.keys()].map(async (part) => [part, await runs.get(part.name)] as const);
    return new Map((await Promise.all(done)) as [Part, RunningPart][]);
  }
  await Promise.all(launched.map((part) => endServer(context.folders.record(part.name))));
  throw first;
}

/**
 * Brings the chosen parts up and writes the env file, which then names every part that is given or running.
 * When one part fails, whatever this call started is ended again.
 */
export async function up(input: SurveyInput, options: UpOptions = {}): Promise<Variables> {
  const found = survey(input);
  const { folders } = found.context;
  mkdirSync(folders.home, { recursive: true });
  const selected = selectParts(input.parts, options.only);
  const chosen = selected.filter((part) => found.own.includes(part));
  for (const part of selected)
    if (!chosen.includes(part))
      options.onProgress?.({ part: part.name, state: 'given', text: 'given by the environment' });
  await assertPorts(found, chosen, input.portOffset);
  const running = await runAll(found, chosen, options);
  recordVersions(folders.versions, running);
  const usable = input.parts.filter((part) => !found.own.includes(part) || isRunning(found, part));
  const variables = Object.assign({}, ...usable.map((part) => found.addresses.get(part))) as Variables;
  writeEnvFile(folders.env, variables);
  return variables;
}
