import { describe, expect, test } from '@jest/globals';
import { decide } from '../../../src/apply/decide.ts';
import type { Situation, Verdict } from '../../../src/apply/decide.ts';

type Expected = [Verdict['write'], Verdict['outcome'], Verdict['conflict']];

/** Every case by name, in the order: newer than what the target holds, then not newer. */
const table: Record<string, { facts: Partial<Situation>; newer: Expected; older: Expected }> = {
  'create of a row the target lacks': {
    facts: { operation: 'CREATE' },
    newer: ['insert', 'applied', null],
    older: ['none', 'stale', null],
  },
  'create of a row that is there, unchanged by the target': {
    facts: { operation: 'CREATE', rowExists: true },
    newer: ['update', 'applied', null],
    older: ['none', 'stale', null],
  },
  'create of a row the target changed': {
    facts: { operation: 'CREATE', rowExists: true, changedByTarget: true },
    newer: ['update', 'conflict_applied', 'insert_exists'],
    older: ['none', 'conflict_kept', 'insert_exists'],
  },
  'create of a row the target deleted': {
    facts: { operation: 'CREATE', changedByTarget: true },
    newer: ['insert', 'conflict_applied', 'update_recently_deleted'],
    older: ['none', 'conflict_kept', 'update_recently_deleted'],
  },
  'update of a row the target has': {
    facts: { operation: 'UPDATE', rowExists: true },
    newer: ['update', 'applied', null],
    older: ['none', 'stale', null],
  },
  'update of a row the target lacks': {
    facts: { operation: 'UPDATE' },
    newer: ['insert', 'applied', null],
    older: ['none', 'stale', null],
  },
  'update of a row the target changed': {
    facts: { operation: 'UPDATE', rowExists: true, changedByTarget: true },
    newer: ['update', 'conflict_applied', 'update_origin_differs'],
    older: ['none', 'conflict_kept', 'update_origin_differs'],
  },
  'update of a row the target deleted': {
    facts: { operation: 'UPDATE', changedByTarget: true },
    newer: ['insert', 'conflict_applied', 'update_recently_deleted'],
    older: ['none', 'conflict_kept', 'update_recently_deleted'],
  },
  'update of a row the target lost': {
    facts: { operation: 'UPDATE', changedByTarget: true, lost: true },
    newer: ['insert', 'conflict_applied', 'update_missing'],
    older: ['none', 'conflict_kept', 'update_missing'],
  },
  'create of a row the target lost': {
    facts: { operation: 'CREATE', changedByTarget: true, lost: true },
    newer: ['insert', 'conflict_applied', 'update_missing'],
    older: ['none', 'conflict_kept', 'update_missing'],
  },
  'delete of a row the target lost': {
    facts: { operation: 'DELETE', changedByTarget: true, lost: true },
    newer: ['none', 'unchanged', 'delete_missing'],
    older: ['none', 'conflict_kept', 'delete_missing'],
  },
  'equal values under another clock': {
    facts: { operation: 'UPDATE', rowExists: true, equal: true, changedByTarget: true },
    newer: ['clock', 'applied', null],
    older: ['none', 'stale', null],
  },
  'delete of a row the target has': {
    facts: { operation: 'DELETE', rowExists: true },
    newer: ['delete', 'applied', null],
    older: ['none', 'stale', null],
  },
  'delete of a row the target lacks': {
    facts: { operation: 'DELETE' },
    newer: ['none', 'unchanged', null],
    older: ['none', 'stale', null],
  },
  'delete of a row the target changed': {
    facts: { operation: 'DELETE', rowExists: true, changedByTarget: true },
    newer: ['delete', 'conflict_applied', 'delete_origin_differs'],
    older: ['none', 'conflict_kept', 'delete_origin_differs'],
  },
  'delete of a row the target deleted too': {
    facts: { operation: 'DELETE', changedByTarget: true },
    newer: ['none', 'unchanged', 'delete_missing'],
    older: ['none', 'conflict_kept', 'delete_missing'],
  },
};

const verdictOf = (facts: Partial<Situation>, newer: boolean): Expected => {
  const { write, outcome, conflict } = decide({
    operation: 'CREATE',
    same: false,
    rowExists: false,
    equal: false,
    changedByTarget: false,
    lost: false,
    ...facts,
    newer,
  });
  return [write, outcome, conflict];
};

describe('the decision', () => {
  test.each(Object.entries(table))('%s', (_, { facts, newer, older }) => {
    expect(verdictOf(facts, true)).toEqual(newer);
    expect(verdictOf(facts, false)).toEqual(older);
  });

  test('the version the target already holds changes nothing and is no conflict', () => {
    for (const operation of ['CREATE', 'UPDATE', 'DELETE'] as const)
      expect(verdictOf({ operation, same: true, changedByTarget: true, rowExists: true }, false)).toEqual([
        'none',
        'unchanged',
        null,
      ]);
  });
});
