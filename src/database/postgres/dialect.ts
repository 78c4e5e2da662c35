import { raw } from 'sql-template-tag';
import type { Dialect } from '../dialect.ts';
import { assertFits } from './fit.ts';
import { fromDriver, selectExpression, toParameter } from './values.ts';

export const dialect: Dialect = {
  identifier: (name) => raw(`"${name.replaceAll('"', '""')}"`),
  toParameter,
  selectExpression,
  fromDriver,
  assertFits,
};
