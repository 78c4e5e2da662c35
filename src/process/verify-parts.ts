import { ConfigError } from '../errors/config-error.ts';
import type { CompiledPipeline, Route } from '../pipeline/route.ts';
import type { VerifyPart } from '../temporal/verify.ts';

export interface VerifyScope {
  /** Undefined: all. */
  entities?: readonly string[] | undefined;
  /** Rows alone: a part of them says nothing of the ledger's others. */
  rowsOnly?: boolean;
}

/** What a `verify` goes through, parents before children. */
export function verifyParts(
  pipeline: CompiledPipeline,
  { entities, rowsOnly = false }: VerifyScope = {},
): VerifyPart[] {
  return pipeline.entities
    .filter((name) => entities === undefined || entities.includes(name))
    .flatMap((name) => partsOf(firstRoute(pipeline, name)))
    .filter(({ part }) => part === 'rows' || !rowsOnly);
}

function partsOf({ entity, source, target, twoWay, loads }: Route): VerifyPart[] {
  const of = { entity, side: source.side, other: target.side, twoWay };
  return [
    { ...of, part: 'rows', of: source.side },
    ...(loads ? [{ ...of, part: 'rows', of: target.side } as const] : []),
    { ...of, part: 'mappings', of: target.side },
    ...(twoWay ? [{ ...of, part: 'mappings', of: source.side } as const] : []),
  ];
}

/** From an entity's first side to its other one. */
export const firstRoute = ({ routes }: CompiledPipeline, name: string): Route =>
  routes.find(({ entity, source, fixedSide }) => entity === name && source.side === fixedSide)!;

/** The row clock at an instant. Throws `ConfigError` where a table keeps none, which tells of no change when it was. */
export function clockSince(
  pipeline: CompiledPipeline,
  parts: readonly VerifyPart[],
  instant: string,
): string {
  const without = new Set(
    parts.map(({ entity }) => entity).filter((name) => firstRoute(pipeline, name).source.clock === null),
  );
  if (without.size > 0)
    throw new ConfigError([
      `--since: rows of ${[...without].join(', ')} have no row clock that tells when they were changed; name others with --entity`,
    ]);
  return String(BigInt(Date.parse(instant)) * 1000n);
}
