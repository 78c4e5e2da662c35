import type { InspectedTable } from '../inspected-table.ts';

export const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** The table as statements name it. */
export const fullName = ({ table }: InspectedTable) =>
  `${quoted(table.schema ?? 'public')}.${quoted(table.name)}`;
