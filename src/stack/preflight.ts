import { mkdirSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { toolChecks } from './tools.ts';
import type { Tool } from './tools.ts';

/** What the parts to be fetched and started ask of this machine. */
export interface Needs {
  readonly tools: readonly Tool[];
  readonly diskBytes: number;
  readonly memoryBytes: number;
}

/** One thing that was looked at. */
export interface Check {
  readonly subject: string;
  readonly ok: boolean;
  /** What was found, with what was asked for where that is a number. */
  readonly found: string;
  /** One line that puts it right. */
  readonly remedy: string;
}

/** This machine as far as the preflight asks; tests put in their own. */
export interface Machine {
  readonly system: string;
  readonly nodeVersion: string;
  readonly freeDisk: () => Promise<number>;
  readonly freeMemory: () => number;
  readonly has: (tool: Tool) => Promise<boolean> | boolean;
}

/** Set to 1, `up` starts whatever the preflight says. */
export const skipPreflightVariable = 'TANDEM_STACK_SKIP_PREFLIGHT';

export const supportedSystem = 'linux x64';
const oldestNode = [20, 19] as const;

export function thisMachine(folder: string): Machine {
  return {
    system: `${platform()} ${arch()}`,
    nodeVersion: process.versions.node,
    async freeDisk() {
      mkdirSync(folder, { recursive: true });
      const { bavail, bsize } = await statfs(folder);
      return bavail * bsize;
    },
    freeMemory: () => process.availableMemory(),
    has: (tool) => toolChecks[tool].isThere(),
  };
}

function isRecent(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

/** Looks at everything before it answers, so that all that is missing is seen at once. */
export async function preflight(needs: Needs, machine: Machine): Promise<readonly Check[]> {
  const [disk, ...tools] = await Promise.all([
    machine.freeDisk(),
    ...needs.tools.map((tool) => Promise.resolve(machine.has(tool))),
  ]);
  const memory = machine.freeMemory();
  return [
    {
      subject: 'system',
      ok: machine.system === supportedSystem,
      found: machine.system,
      remedy: `the embedded stack runs on ${supportedSystem}; elsewhere use docker compose, or give every server by its URL`,
    },
    {
      subject: `Node ${oldestNode.join('.')} or newer`,
      ok: isRecent(machine.nodeVersion),
      found: machine.nodeVersion,
      remedy: 'install Node 20.19 or newer, for example with: npx --yes n 20',
    },
    ...needs.tools.map((tool, index) => ({
      subject: toolChecks[tool].title,
      ok: tools[index] === true,
      found: tools[index] ? 'found' : 'not found',
      remedy: toolChecks[tool].install,
    })),
    {
      subject: 'free disk',
      ok: disk >= needs.diskBytes,
      found: `${gigabytes(disk)}, needed ${gigabytes(needs.diskBytes)}`,
      remedy: "make room, or move the checkout to a larger disk: everything lies in its folder '.stack'",
    },
    {
      subject: 'free memory',
      ok: memory >= needs.memoryBytes,
      found: `${gigabytes(memory)}, needed ${gigabytes(needs.memoryBytes)}`,
      remedy: "close programs, bring fewer parts up with '--only', or give some servers by their URLs",
    },
  ];
}

export class PreflightFailed extends Error {
  override readonly name = 'PreflightFailed';
  readonly missing: readonly Check[];

  constructor(missing: readonly Check[]) {
    const lines = missing.map(({ subject, found, remedy }) => `  ${subject} (${found}): ${remedy}`);
    super(`Nothing was fetched or started. This machine lacks:\n${lines.join('\n')}`);
    this.missing = missing;
  }
}

/** @throws PreflightFailed naming everything that is missing. */
export async function assertReady(needs: Needs, machine: Machine): Promise<void> {
  const missing = (await preflight(needs, machine)).filter(({ ok }) => !ok);
  if (missing.length > 0) throw new PreflightFailed(missing);
}
