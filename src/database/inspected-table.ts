import type { CompiledTable } from '../pipeline/route.ts';

export interface InspectedTable {
  table: CompiledTable;
  /** Changes of its app are captured: it needs triggers and the whole row in the log. */
  captured: boolean;
  /** Tandem writes to it. */
  written: boolean;
}
