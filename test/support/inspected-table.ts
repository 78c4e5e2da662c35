import type { InspectedTable } from '../../src/database/inspected-table.ts';
import type { Engine } from '../../src/pipeline/define.ts';
import type { CompiledTable } from '../../src/pipeline/route.ts';

/** A table of a test, as a pipeline would declare it. */
export const compiled = (
  engine: Engine,
  name: string,
  parts: Partial<CompiledTable> = {},
): CompiledTable => ({
  side: engine,
  engine,
  schema: engine === 'postgres' ? 'public' : null,
  name,
  key: ['id'],
  columns: new Map(),
  clock: 'sync_clock',
  sourceColumn: 'source',
  ...parts,
});

export const inspected = (engine: Engine, name: string, written: boolean): InspectedTable => ({
  table: compiled(engine, name),
  captured: true,
  written,
});
