import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { ServerCommand } from './part.ts';
import { groupOf, identify, isAlive } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { becomes } from './wait.ts';

/** What is kept on disk about a server that was started, so that any later command can judge and end it. */
export interface ServerRecord {
  readonly identity: ProcessIdentity;
  /** Hash of command and configuration: a server under other settings is started anew. */
  readonly settings: string;
  readonly version: string;
  readonly ports: readonly number[];
  readonly stopSignal: NodeJS.Signals;
  readonly startedAt: string;
}

export const settingsHash = (command: ServerCommand): string =>
  createHash('sha256').update(JSON.stringify(command)).digest('hex');

export function readRecord(file: string): ServerRecord | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ServerRecord;
  } catch {
    return undefined;
  }
}

/** Servers get no more of the caller's environment than this: his PG…, TEMPORAL_… or CLASSPATH are not theirs. */
const inherited = ['PATH', 'HOME', 'USER', 'TMPDIR', 'JAVA_HOME'];

function serverEnvironment(command: ServerCommand): NodeJS.ProcessEnv {
  const kept = inherited.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []));
  return { ...Object.fromEntries(kept), LC_ALL: 'C.UTF-8', TZ: 'UTC', ...command.environment };
}

function freshLog(file: string): number {
  mkdirSync(dirname(file), { recursive: true });
  if (existsSync(file)) renameSync(file, `${file}.previous`);
  return openSync(file, 'a');
}

export interface Launch {
  readonly command: ServerCommand;
  readonly version: string;
  readonly ports: readonly number[];
  readonly log: string;
  readonly record: string;
}

/**
 * Starts a server in a process group of its own that outlives the caller. It is on record before this returns.
 * @throws Error when the program cannot be run at all.
 */
export function launch({ command, version, ports, log, record }: Launch): ServerRecord {
  for (const [file, content] of Object.entries(command.files ?? {})) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  const output = freshLog(log);
  try {
    const child = spawn(command.file, command.args, {
      cwd: command.cwd,
      env: serverEnvironment(command),
      detached: true,
      stdio: ['ignore', output, output],
      ...command.account,
    });
    // Reported by the missing identity below; unheard it would end the caller.
    child.on('error', () => undefined);
    child.unref();
    const identity = child.pid === undefined ? undefined : identify(child.pid);
    if (!identity) throw new Error(`${command.file} could not be started; its log: ${log}`);
    const { stopSignal } = command;
    const startedAt = new Date().toISOString();
    const written: ServerRecord = {
      identity,
      settings: settingsHash(command),
      version,
      ports,
      stopSignal,
      startedAt,
    };
    mkdirSync(dirname(record), { recursive: true });
    writeFileSync(`${record}.partial`, JSON.stringify(written, null, 2));
    renameSync(`${record}.partial`, record);
    return written;
  } finally {
    closeSync(output);
  }
}

function killGroup(identity: ProcessIdentity): void {
  for (const pid of groupOf(identity)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Ended meanwhile.
    }
  }
}

/**
 * Ends a recorded server and whatever it left in its process group, and removes the record. Asks first and
 * kills after the limit. Touches no process that merely got the same number.
 */
export async function endServer(file: string, limitMs = 30_000): Promise<void> {
  const record = readRecord(file);
  if (!record) return;
  const { identity, stopSignal } = record;
  if (isAlive(identity)) process.kill(identity.pid, stopSignal);
  await becomes(() => !isAlive(identity), { limitMs });
  killGroup(identity);
  await becomes(() => groupOf(identity).length === 0, { limitMs: 10_000 });
  rmSync(file, { force: true });
}

/** The last lines a server wrote. */
export function logTail(file: string, lines: number): string {
  if (!existsSync(file)) return '';
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
}
