import type { Route } from '../../pipeline/route.ts';

/** Two-way entities whose tables keep no row clock: one side wins, and what a row holds tells what is new. */
export const isUnclocked = ({ twoWay, source }: Pick<Route, 'twoWay' | 'source'>): boolean =>
  twoWay && source.clock === null;
