import type { CompiledSide, CompiledTable } from '../pipeline/route.ts';

/** Debezium's name of a table's topic. `database` stands for the schema where a table has none (MySQL). */
export const topicOf = ({ side, schema, name }: CompiledTable, database: string): string =>
  `${side}.${schema ?? database}.${name}`;

/**
 * The topics to read of a side: those its definition names, else one per captured table in Debezium's form
 * `<side>.<schema>.<table>`, parents before children.
 */
export function topicsOf(side: CompiledSide, database: string): string[] {
  const topics = side.topics ?? side.tables.map((table) => topicOf(table, database));
  return [...new Set(topics)];
}
