import { execa } from 'execa';

export interface ClientCall {
  readonly cwd: string;
  readonly signal: AbortSignal;
  readonly environment?: Record<string, string>;
  /** Each line the client prints, as it comes. */
  readonly onLine?: (line: string) => void;
}

/** Runs a package client. @throws Error with the last lines it printed when it fails. */
export async function runClient(
  file: string,
  args: readonly string[],
  { cwd, signal, environment = {}, onLine }: ClientCall,
): Promise<void> {
  const client = execa(file, args, {
    cwd,
    env: { LC_ALL: 'C.UTF-8', ...environment },
    stdin: 'ignore',
    all: true,
    reject: false,
    cancelSignal: signal,
    forceKillAfterDelay: 2_000,
  });
  if (onLine) for await (const line of client.iterable({ from: 'all' })) onLine(line);
  const { exitCode, all, isCanceled, shortMessage } = await client;
  if (isCanceled) signal.throwIfAborted();
  if (exitCode !== 0) throw new Error(`${shortMessage}\n${all.split('\n').slice(-25).join('\n')}`.trim());
}
