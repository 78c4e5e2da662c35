import type { Engine } from '../pipeline/define.ts';
import type { Dialect } from './dialect.ts';
import { assertFits as mysql } from './mysql/fit.ts';
import { assertFits as postgres } from './postgres/fit.ts';

const engines: Record<Engine, Dialect['assertFits']> = { postgres, mysql };

/** Throws `data` naming the column where the live column of an engine would refuse or change the value. */
export const assertFits = (engine: Engine): Dialect['assertFits'] => engines[engine];
