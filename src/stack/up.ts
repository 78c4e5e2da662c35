import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { writeEnvFile } from './env-file.ts';
import type { Variables } from './env-file.ts';
import { needsOf } from './needs.ts';
import type { Part, PartPlan } from './part.ts';
import { assertFree } from './ports.ts';
import type { PortClaim } from './ports.ts';
import { assertReady, preflight, skipPreflightVariable, thisMachine } from './preflight.ts';
import type { Check } from './preflight.ts';
import { isAlive } from './process-identity.ts';
import type { ProgressListener } from './progress.ts';
import { runParts } from './run-parts.ts';
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

interface Prepared {
  readonly found: Survey;
  readonly given: readonly Part[];
  readonly plans: ReadonlyMap<Part, PartPlan>;
}

async function prepare(input: SurveyInput, only: readonly string[] | undefined): Promise<Prepared> {
  const found = survey(input);
  const selected = selectParts(input.parts, only);
  const chosen = selected.filter((part) => found.own.includes(part));
  const plans = await Promise.all(
    chosen.map(async (part) => [part, await part.plan(found.context)] as const),
  );
  const given = selected.filter((part) => !chosen.includes(part) && !found.unneeded.includes(part));
  return { found, given, plans: new Map(plans) };
}

/** Ports of our own server, alive and on record, count as free; what is left of one that died is ended first. */
async function assertPorts({ found, plans }: Prepared, offset: number): Promise<void> {
  const { context } = found;
  const claims = [...plans.keys()].map(async (part): Promise<PortClaim[]> => {
    const file = context.folders.record(part.name);
    const record = readRecord(file);
    const alive = record !== undefined && isAlive(record.identity);
    if (!alive) await endServer(file);
    return part.ports
      .map((use) => ({ part: part.title, use, port: context.port(use.name) }))
      .filter(({ port }) => !alive || !record.ports.includes(port));
  });
  await assertFree((await Promise.all(claims)).flat(), offset);
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

/** Addresses of every part that is given or runs, also of those an earlier call brought up. */
function usableAddresses(parts: readonly Part[], { own, addresses, context }: Survey): Variables {
  const usable = parts.filter((part) => {
    if (!own.includes(part)) return true;
    const record = readRecord(context.folders.record(part.name));
    return record !== undefined && isAlive(record.identity);
  });
  return Object.assign({}, ...usable.map((part) => addresses.get(part))) as Variables;
}

/** What `up` would look at before it fetches anything. Changes nothing. */
export async function checkUp(input: SurveyInput, only?: readonly string[]): Promise<readonly Check[]> {
  const { found, plans } = await prepare(input, only);
  if (plans.size === 0) return [];
  return preflight(needsOf(plans, found.context), thisMachine(input.folders.shared));
}

/**
 * Brings the chosen parts up and writes the env file, which then names every part that is given or running.
 * When one part fails, whatever this call started is ended again.
 */
export async function up(input: SurveyInput, options: UpOptions = {}): Promise<Variables> {
  const prepared = await prepare(input, options.only);
  const { found, given, plans } = prepared;
  const { folders, environment } = found.context;
  for (const part of given)
    options.onProgress?.({ part: part.name, state: 'given', text: 'given by the environment' });
  if (plans.size > 0 && environment[skipPreflightVariable] !== '1')
    await assertReady(needsOf(plans, found.context), thisMachine(folders.shared));
  await assertPorts(prepared, input.portOffset);
  const running = await runParts(found.context, plans, options);
  mkdirSync(folders.home, { recursive: true });
  recordVersions(folders.versions, running);
  const variables = usableAddresses(input.parts, found);
  const isGiven = ([name]: [string, string]): boolean => found.given.has(name);
  const entries = Object.entries(variables);
  const served = entries.filter((entry) => !isGiven(entry));
  writeEnvFile(folders.env, Object.fromEntries(served), Object.fromEntries(entries.filter(isGiven)));
  return variables;
}
