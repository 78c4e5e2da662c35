import { createServer } from 'node:net';
import { ConfigError } from '../errors/config-error.ts';
import { mainStack } from './folders.ts';

/** A TCP port of the embedded stack: `TANDEM_STACK_PORT_<name>` moves it. */
export interface PortUse {
  readonly name: string;
  /** Port of the main stack. Chosen off the standard ones, so that a server you already run is not hit. */
  readonly base: number;
}

export interface PortClaim {
  readonly part: string;
  readonly use: PortUse;
  readonly port: number;
}

/** Other stacks of the same machine lie this much higher unless they say otherwise. */
export const portOffset = (stack: string): number => (stack === mainStack ? 0 : 1000);

export const portVariable = (use: PortUse): string => `TANDEM_STACK_PORT_${use.name}`;

/** @throws ConfigError when the variable holds no port. */
export function portOf(use: PortUse, environment: NodeJS.ProcessEnv, offset: number): number {
  const given = environment[portVariable(use)];
  const port = (given ? Number(given) : use.base) + offset;
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new ConfigError([`${portVariable(use)} gives no usable port: ${given ?? port}`]);
  return port;
}

/** True when nobody listens on the port of this machine's loopback address. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

export class PortsTaken extends Error {
  override readonly name = 'PortsTaken';
  readonly claims: readonly PortClaim[];

  constructor(claims: readonly PortClaim[], offset: number) {
    const above = offset === 0 ? '' : ` (this stack adds ${offset} to it)`;
    const lines = claims.map(
      ({ part, use, port }) =>
        `  port ${port} for ${part} is taken: stop what listens there, or set ${portVariable(use)} to another port${above}`,
    );
    super(`Nothing was started:\n${lines.join('\n')}`);
    this.claims = claims;
  }
}

/** @throws PortsTaken naming every port that something else listens on. */
export async function assertFree(claims: readonly PortClaim[], offset: number): Promise<void> {
  const free = await Promise.all(claims.map(({ port }) => isFree(port)));
  const taken = claims.filter((_, index) => !free[index]);
  if (taken.length > 0) throw new PortsTaken(taken, offset);
}
