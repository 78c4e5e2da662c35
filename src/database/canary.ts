import { z } from 'zod';
import { canaryTable } from '../change/canary.ts';
import type { Engine } from '../pipeline/define.ts';
import type { CompiledColumn, CompiledTable } from '../pipeline/route.ts';
import type { CanaryPlace } from './canary-place.ts';
import { makeCanary as makeMysql } from './mysql/canary.ts';
import { makeCanary as makePostgres } from './postgres/canary.ts';

const makers: Record<Engine, (place: CanaryPlace) => Promise<() => Promise<void>>> = {
  postgres: makePostgres,
  mysql: makeMysql,
};

/**
 * Makes the canary table anew, captured as the tables of the apps are, and returns what drops it. One at a time: what
 * another left behind is taken away first.
 */
export const makeCanary = (engine: Engine, place: CanaryPlace): Promise<() => Promise<void>> =>
  makers[engine](place);

const column = (name: string): [string, CompiledColumn] => [
  name,
  { name, kind: 'text', nullable: false, schema: z.string() },
];

/** The table as apply writes to it, of an entity with or without the seeds' source column. */
export const compiledCanary = (
  engine: Engine,
  side: string,
  sourceColumn: 'source' | null,
): CompiledTable => ({
  side,
  engine,
  ...canaryTable,
  key: ['id'],
  columns: new Map([column('id'), column('written_as')]),
  clock: null,
  sourceColumn,
});
