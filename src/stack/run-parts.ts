import type { Part, PartContext, PartPlan } from './part.ts';
import type { ProgressListener } from './progress.ts';
import { runPart } from './run-part.ts';
import type { RunningPart } from './run-part.ts';
import { endServer } from './server-process.ts';

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
}

/**
 * Runs parts side by side, each as soon as those it comes after are ready. All of them or none: at the first
 * failure the others are given up, and the servers started here are ended.
 * @throws the first failure.
 */
export async function runParts(
  context: PartContext,
  plans: ReadonlyMap<Part, PartPlan>,
  options: RunOptions,
): Promise<ReadonlyMap<Part, RunningPart>> {
  const onProgress: ProgressListener = (progress) => options.onProgress?.(progress);
  const stop = new AbortController();
  const givenUp = new Error('given up, since another part failed');
  const signal = AbortSignal.any([stop.signal, ...(options.signal ? [options.signal] : [])]);
  const launched: Part[] = [];
  const running = new Map<Part, RunningPart>();
  const runs = new Map<string, Promise<void>>();
  const failures: unknown[] = [];
  const fail = (part: Part, error: unknown): void => {
    // Whoever waited for the part that failed fails with the same error.
    const followed = error === givenUp || failures.includes(error);
    onProgress({ part: part.name, state: 'failed', text: followed ? 'given up' : (error as Error).message });
    failures.push(error);
    stop.abort(givenUp);
  };
  for (const [part, plan] of plans) {
    onProgress({ part: part.name, state: 'planned', text: '' });
    const turn = Promise.all(part.after.flatMap((name) => runs.get(name) ?? []));
    // It may fail before anyone waits for it; whoever does wait hears of it all the same.
    turn.catch(() => undefined);
    const onLaunch = (own: Part): void => void launched.push(own);
    const run = runPart({ part, plan, context, signal, turn, onProgress, onLaunch }).then(
      (value) => void running.set(part, value),
      (error: unknown) => {
        fail(part, error);
        throw error;
      },
    );
    runs.set(part.name, run);
  }
  await Promise.allSettled(runs.values());
  if (failures.length === 0) return running;
  await Promise.all(launched.map((part) => endServer(context.folders.record(part.name))));
  throw failures[0];
}
