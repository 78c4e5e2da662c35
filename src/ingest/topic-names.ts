import type { CompiledSide } from '../pipeline/route.ts';

/**
 * The topics to read of a side: those its definition names, else one per captured table in Debezium's form
 * `<side>.<schema>.<table>`, parents before children. `database` stands for the schema where a table has none (MySQL).
 */
export function topicsOf(side: CompiledSide, database: string): string[] {
  const topics =
    side.topics ?? side.tables.map((table) => `${side.name}.${table.schema ?? database}.${table.name}`);
  return [...new Set(topics)];
}
