import type { LiveTable } from '../database/live-schema.ts';
import type { CompiledPipeline } from '../pipeline/route.ts';
import type { Engine } from '../pipeline/define.ts';
import { connectorFile } from './connector-file.ts';
import { mysqlSql } from './mysql-sql.ts';
import { postgresSql } from './postgres-sql.ts';
import { sideTables } from './side-tables.ts';

/** The texts that are the same for all: an engine's routines and its connector's template. */
export interface Parts {
  routines: string;
  connector: string;
}

export interface GeneratedFile {
  /** Below the pipeline's folder. */
  path: string;
  text: string;
  /** For its owner alone to read. */
  secret?: boolean;
}

const makers = { postgres: postgresSql, mysql: mysqlSql };

/** What a side's administrator is to run, in its order, and the side's connector. Throws `MissingTables`. */
export function sideFiles(
  pipeline: CompiledPipeline,
  name: string,
  prefix: string,
  live: readonly LiveTable[],
  parts: Readonly<Record<Engine, Parts>>,
): GeneratedFile[] {
  const side = pipeline.sides.get(name)!;
  const tables = sideTables(pipeline, name, live);
  const { routines, connector } = parts[side.engine];
  const names = { pipeline: pipeline.name, side: name, publication: `tandem_${pipeline.name}` };
  const { schema, grants, triggers } = makers[side.engine](names, tables, routines);
  return [
    { path: `sql/${name}/schema.sql`, text: schema },
    { path: `sql/${name}/grants.sql`, text: grants },
    { path: `sql/${name}/triggers.sql`, text: triggers },
    ...(tables.some(({ captured }) => captured)
      ? [
          {
            path: `debezium/${side.connector}.json`,
            text: connectorFile(connector, { ...names, side, prefix }, tables),
          },
        ]
      : []),
  ];
}
