import type { TableDescription } from '../../database/contract.ts';
import { SyncError } from '../../errors/sync-error.ts';
import type { CompiledTable } from '../../pipeline/route.ts';
import { onEachSide } from '../check.ts';
import type { Check } from '../check.ts';
import type { DoctorContext, InspectedSide } from '../context.ts';
import { fail, ok, warn } from '../finding.ts';
import type { Finding } from '../finding.ts';
import { narrowing } from '../narrowing.ts';
import { tableFindings } from '../table-findings.ts';

async function describe({ database }: InspectedSide, table: CompiledTable): Promise<TableDescription | null> {
  try {
    return await database.describe(table);
  } catch (error) {
    if (error instanceof SyncError && error.errorClass === 'schema') return null;
    throw error;
  }
}

/** Compares the sides of a pipeline with each other: what fits into the one and not into the other. */
async function widths({ sides }: DoctorContext): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const source of sides) {
    const routes = source.pipeline.routes.filter((route) => route.source.side === source.side.name);
    for (const route of routes) {
      const target = sides.find(
        ({ pipeline, side }) => pipeline === source.pipeline && side.name === route.target.side,
      );
      if (target === undefined) continue;
      const [from, to] = await Promise.all([describe(source, route.source), describe(target, route.target)]);
      for (const { from: left, to: right, codec } of route.columns) {
        const [own, other] = [from?.get(left.name), to?.get(right.name)];
        // a codec may make anything of the value
        const loss = own && other && codec === null ? narrowing(own, other) : null;
        if (loss !== null)
          findings.push(
            warn(
              `${route.source.side}: ${route.source.name}.${left.name} to ${route.target.name}.${right.name}`,
              `${loss}: what does not fit becomes a dead letter`,
              `widen ${route.target.name}.${right.name}, or narrow ${route.source.name}.${left.name}`,
            ),
          );
      }
    }
  }
  return findings;
}

/** The live schemas hold what the column map says. */
export const columnMap: Check = {
  name: 'columns',
  title: 'Schemas hold what the column map says',
  async run(context) {
    const findings = await onEachSide(context, async (inspected) => {
      const { pipeline, side, tables, inspect } = inspected;
      const all: Finding[] = [];
      for (const { table } of tables) {
        const live = await describe(inspected, table);
        if (live === null) {
          const message = 'does not exist, or Tandem may not see it';
          all.push(
            fail(
              `${side.name}: ${table.name}`,
              message,
              "create it, e.g. by the pipeline's sql/<side>/schema.sql",
            ),
          );
          continue;
        }
        const route = pipeline.routes.find(
          ({ target }) => target.side === side.name && target.name === table.name,
        );
        const found = tableFindings(table, live, route ?? null, inspect.carriesKind);
        all.push(...found);
        if (found.length === 0) all.push(ok(`${side.name}: ${table.name}`, 'matches the column map'));
      }
      return all;
    });
    if (findings.some(({ status }) => status === 'skip')) return findings;
    return [...findings, ...(await widths(context))];
  },
};
