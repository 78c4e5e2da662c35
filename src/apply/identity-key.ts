import type { IdentityKey } from '../database/contract.ts';
import type { Route } from '../pipeline/route.ts';

/** Which row a source key of an entity means, on this route. */
export const identityKey = (route: Route, entity: string, sourceKey: string): IdentityKey => ({
  pipeline: route.pipeline,
  entity,
  sourceSide: route.source.side,
  sourceKey,
  targetSide: route.target.side,
});
