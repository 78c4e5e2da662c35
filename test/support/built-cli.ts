import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { packageRoot } from '../../src/package-root.ts';

// One for each of jest's processes: they would read what another is writing.
const folder = join(
  packageRoot,
  'node_modules',
  '.cache',
  `tandem-cli-${process.env['JEST_WORKER_ID'] ?? ''}`,
);

/** Compiles the program as it is now, apart from `dist`; about a second. Types are checked elsewhere. */
export async function buildCli(): Promise<void> {
  const compiler = join(packageRoot, 'node_modules', '.bin', 'tsc');
  await execa(compiler, ['-p', join(packageRoot, 'tsconfig.build.json'), '--outDir', folder], {
    reject: false,
  });
}

export interface CliResult {
  code: number | undefined;
  stdout: string;
  stderr: string;
}

/** Runs a module's text under plain Node; `built(path)` in it is the URL of a built module below `src/`. */
export async function node(text: string): Promise<CliResult> {
  const built = `const built = (path) => new URL(path, ${JSON.stringify(pathToFileURL(join(folder, 'src/')).href)}).href;`;
  const result = await execa(process.execPath, ['--input-type=module', '-e', `${built}\n${text}`], {
    reject: false,
  });
  return { code: result.exitCode, stdout: result.stdout, stderr: result.stderr };
}

/**
 * Runs the command as an operator would, with these variables and none of the test's own. `heard` is told what it prints while
 * it runs; `interrupt` presses Ctrl-C.
 */
export async function tandem(
  words: readonly string[],
  env: Record<string, string> = {},
  heard: (text: string) => void = () => {},
  interrupt?: AbortSignal,
): Promise<CliResult> {
  const running = execa(process.execPath, [join(folder, 'src', 'cli', 'main.js'), ...words], {
    env: { PATH: process.env['PATH'], ...env },
    extendEnv: false,
    reject: false,
    timeout: 60_000,
    killSignal: 'SIGINT',
    forceKillAfterDelay: false,
    ...(interrupt && { cancelSignal: interrupt }),
  });
  running.stdout.on('data', (data) => heard(String(data)));
  const result = await running;
  return { code: result.exitCode, stdout: result.stdout, stderr: result.stderr };
}
