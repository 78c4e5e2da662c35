import { describe, expect, test } from '@jest/globals';
import { judgeBinaryLogs } from '../../../src/database/mysql/inspect-retention.ts';
import type { BinaryLogFacts } from '../../../src/database/mysql/inspect-retention.ts';
import { judgeSlot } from '../../../src/database/postgres/inspect-retention.ts';
import type { SlotFacts } from '../../../src/database/postgres/inspect-retention.ts';
import { judgeGroup } from '../../../src/doctor/checks/consumers.ts';
import { judgeRetention } from '../../../src/doctor/checks/retention.ts';

const GiB = 2 ** 30;

describe('a replication slot', () => {
  const slot = (more: Partial<SlotFacts>) =>
    judgeSlot({
      name: 's',
      active: true,
      walStatus: 'reserved',
      retained: GiB,
      safeBytes: null,
      keepBytes: null,
      inactiveSeconds: null,
      idleLimitSeconds: null,
      ...more,
    });

  test.each<[string, Partial<SlotFacts>, string]>([
    ['without any limit', {}, 'kept'],
    ['holding more than a disk should bear', { retained: 11 * GiB }, 'running_out'],
    ['with room', { keepBytes: 10 * GiB, safeBytes: 2 * GiB }, 'kept'],
    ['with less than a fifth left', { keepBytes: 10 * GiB, safeBytes: 2 * GiB - 1 }, 'running_out'],
    ['past its limit, until the next checkpoint', { walStatus: 'unreserved' }, 'running_out'],
    ['invalidated', { walStatus: 'lost' }, 'lost'],
    ['idle, with time', { active: false, inactiveSeconds: 700, idleLimitSeconds: 1000 }, 'kept'],
    ['idle, soon dropped', { active: false, inactiveSeconds: 801, idleLimitSeconds: 1000 }, 'running_out'],
  ])('%s', (_, facts, state) => {
    const found = slot(facts);
    expect(found.state).toBe(state);
    expect(found.repair === null).toBe(state === 'kept');
  });

  test('tells what is left, and that nobody reads it', () => {
    const facts = {
      keepBytes: 10 * GiB,
      safeBytes: GiB,
      active: false,
      inactiveSeconds: 10,
      idleLimitSeconds: 60,
    };
    expect(slot(facts)).toMatchObject({ bytesLeft: GiB, secondsLeft: 50 });
    expect(slot(facts).found).toContain('nobody reads it');
  });
});

describe('binary log files', () => {
  const logs = (more: Partial<BinaryLogFacts>) =>
    judgeBinaryLogs({
      files: ['binlog.000007', 'binlog.000008'].map((name) => ({ name, bytes: GiB })),
      file: 'binlog.000007',
      complete: null,
      ageSeconds: 100,
      expireSeconds: 1000,
      ...more,
    });

  test.each<[string, Partial<BinaryLogFacts>, string, number | null]>([
    ['a closed file, with time', {}, 'kept', 900],
    ['a closed file, soon removed', { ageSeconds: 801 }, 'running_out', 199],
    ['a closed file that may go any moment', { ageSeconds: 2000 }, 'running_out', 0],
    [
      'the file that is written, however old its last change',
      { file: 'binlog.000008', ageSeconds: 5000 },
      'kept',
      1000,
    ],
    ['files kept for ever', { expireSeconds: null, ageSeconds: 5000 }, 'kept', null],
    ['a file that is gone', { file: 'binlog.000006' }, 'lost', 0],
    [
      'a file of another server, nothing missing by GTID',
      { file: 'other.000001', complete: true },
      'kept',
      900,
    ],
    ['transactions missing by GTID', { complete: false }, 'lost', 0],
  ])('%s', (_, facts, state, left) => {
    const found = logs(facts);
    expect(found).toMatchObject({ state, secondsLeft: left });
    expect(found.repair === null).toBe(state === 'kept');
  });
});

test('doctor fails for what is lost, warns of what runs out, and says what it could not see', () => {
  const judge = (state: 'kept' | 'running_out' | 'lost' | 'unknown', repair: string | null) =>
    judgeRetention('s', { state, found: 'f', repair, secondsLeft: null, bytesLeft: null }).status;
  expect(judge('kept', null)).toBe('ok');
  expect(judge('running_out', 'r')).toBe('warn');
  expect(judge('lost', 'r')).toBe('fail');
  expect(judge('unknown', null)).toBe('skip');
  expect(judge('unknown', 'GRANT')).toBe('warn');
});

test('doctor tells a group nobody is in, and one that stands still', () => {
  const judge = (members: number, before: number, taken: number) =>
    judgeGroup('g', 'legacy', 'blog', { members, before, taken }).status;
  expect(judge(0, 0, 0)).toBe('warn');
  expect(judge(2, 0, 0)).toBe('ok');
  expect(judge(2, 5, 1)).toBe('ok');
  expect(judge(2, 5, 0)).toBe('warn');
});
