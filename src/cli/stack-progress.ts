import { Listr } from 'listr2';
import type { Variables } from '../stack/env-file.ts';
import type { StackProgress } from '../stack/progress.ts';
import type { Stack } from '../stack/stack.ts';
import { selectParts } from '../stack/survey.ts';

export interface BringUpOptions {
  readonly only?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Nothing on stdout. */
  readonly plain?: boolean | undefined;
}

type Listener = (progress: StackProgress) => void;

const plainEveryMs = 5_000;

/** For logs and pipes: a line whenever a part's state changes, and now and then while it is fetched. */
function plainLines(write: (line: string) => void): Listener {
  const last = new Map<string, { state: string; at: number }>();
  return ({ part, state, text }) => {
    const before = last.get(part);
    const now = Date.now();
    if (state === 'planned' || (before?.state === state && now - before.at < plainEveryMs)) return;
    last.set(part, { state, at: now });
    write(state === 'failed' ? `${part}: failed` : `${part}: ${state === 'ready' ? 'ready, ' : ''}${text}`);
  };
}

interface Row {
  readonly done: Promise<void>;
  readonly update: Listener;
  show: (text: string) => void;
}

/** One line of the live view; its promise follows the part's end. */
function row(): Row {
  let resolve: () => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const done = new Promise<void>((good, bad) => {
    resolve = good;
    reject = bad;
  });
  done.catch(() => undefined);
  const made: Row = {
    done,
    show: () => undefined,
    update: ({ state, text }) => {
      made.show(text);
      if (state === 'ready' || state === 'given') resolve();
      if (state === 'failed') reject(new Error(text.split('\n')[0] ?? text));
    },
  };
  return made;
}

async function live(stack: Stack, options: BringUpOptions): Promise<Variables> {
  const chosen = selectParts(stack.parts, options.only);
  const rows = new Map(chosen.map((part) => [part.name, row()] as const));
  const view = new Listr(
    chosen.map(({ name, title }) => ({
      title,
      task: (_: unknown, task: { title: string | undefined }) => {
        const line = rows.get(name);
        if (line) line.show = (text) => (task.title = text ? `${title}: ${text}` : title);
        return line?.done;
      },
    })),
    { concurrent: true, exitOnError: false, registerSignalListeners: false },
  );
  const shown = view.run();
  try {
    return await stack.up({
      ...options,
      onProgress: (progress) => rows.get(progress.part)?.update(progress),
    });
  } catch (error) {
    for (const name of rows.keys())
      rows.get(name)?.update({ part: name, state: 'failed', text: 'not started' });
    throw error;
  } finally {
    await shown;
  }
}

/** Brings a stack up and shows it: a live view on a terminal, plain lines on stderr elsewhere or where asked for. */
export function bringUp(stack: Stack, options: BringUpOptions = {}): Promise<Variables> {
  if (process.stdout.isTTY && !options.plain) return live(stack, options);
  return stack.up({ ...options, onProgress: plainLines((line) => process.stderr.write(`${line}\n`)) });
}
