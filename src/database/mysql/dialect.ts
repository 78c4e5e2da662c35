import sql, { raw } from 'sql-template-tag';
import type { Dialect } from '../dialect.ts';
import { assertFits } from './fit.ts';
import { fromDriver, selectExpression, toParameter } from './values.ts';

const identifier = (name: string) => raw(`\`${name.replaceAll('`', '``')}\``);

export const dialect: Dialect = {
  identifier,
  // Labels are put in order by their numbers, and compared by their names.
  orderable: (name, { labels }) =>
    labels === null ? identifier(name) : sql`cast(${identifier(name)} AS char)`,
  toParameter,
  selectExpression,
  fromDriver,
  assertFits,
};
