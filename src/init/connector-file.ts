import { createHash } from 'node:crypto';
import { canaryName } from '../change/canary.ts';
import type { CompiledSide } from '../pipeline/route.ts';
import type { SideTable } from './side-tables.ts';

/** A side's names, as its connector has them. */
export interface ConnectorNames {
  pipeline: string;
  side: CompiledSide;
  /** The side's name as it stands in variable names. */
  prefix: string;
  publication: string;
}

/** A dot and whatever else means something to the regular expressions of the include lists. */
const exactly = (name: string) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\\$&`);

/** The text of a side's connector file, from the engine's template. */
export function connectorFile(
  template: string,
  { pipeline, side, prefix, publication }: ConnectorNames,
  tables: readonly SideTable[],
): string {
  const captured = tables.filter((each) => each.captured);
  const schemaOf = ({ live }: SideTable) => live.schema ?? `\${${prefix}_CDC_DATABASE}`;
  const listed = captured.map((each) => `${schemaOf(each)}.${exactly(each.table.name)}`);
  const values: Readonly<Record<string, string>> = {
    connector: side.connector,
    SIDE: prefix,
    side: side.name,
    publication,
    slot: `tandem_${pipeline}_${side.name}`.slice(0, 63),
    tables: [...listed, ...(side.isTarget ? [canaryName] : [])].join(),
    schemas: [...new Set(captured.map(schemaOf))].join('|'),
    server: String(serverId(side.connector)),
  };
  return template.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => values[name]!);
}

/** A number of its own among MySQL's replicas: nobody else is likely to have taken it. */
const serverId = (connector: string) =>
  190_000 + (createHash('sha256').update(connector).digest().readUInt32BE(0) % 800_000_000);
