import { raw } from 'sql-template-tag';
import type { Dialect } from '../dialect.ts';
import { assertFits } from './fit.ts';
import { fromDriver, selectExpression, toParameter } from './values.ts';

const identifier = (name: string) => raw(`"${name.replaceAll('"', '""')}"`);

export const dialect: Dialect = {
  identifier,
  orderable: identifier,
  toParameter,
  selectExpression,
  fromDriver,
  assertFits,
};
