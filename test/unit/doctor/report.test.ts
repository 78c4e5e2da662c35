import { expect, test } from '@jest/globals';
import { onServer, runChecks } from '../../../src/doctor/check.ts';
import type { Check } from '../../../src/doctor/check.ts';
import { judgeConnector } from '../../../src/doctor/checks/connectors.ts';
import { judgeTopic } from '../../../src/doctor/checks/topics.ts';
import { atLeast } from '../../../src/doctor/checks/versions.ts';
import type { DoctorContext } from '../../../src/doctor/context.ts';
import { fail, ok, warn } from '../../../src/doctor/finding.ts';
import type { Finding } from '../../../src/doctor/finding.ts';
import { checks } from '../../../src/doctor/registry.ts';
import { failed, reportJson, reportText } from '../../../src/doctor/report.ts';

const nothing = {} as DoctorContext;

const check = (name: string, run: () => Promise<Finding[]>): Check => ({
  name,
  title: `Title of ${name}`,
  run,
});

test('names of checks are unique', () => {
  const names = checks.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test('a check that throws or never ends has failed, and the others are reported in their order', async () => {
  const reports = await runChecks(
    [
      check('a', async () => [ok('one', 'well')]),
      check('b', async () => {
        throw new Error('it broke\nwith more lines');
      }),
      check('c', () => new Promise(() => {})),
      check('d', async () => [warn('two', 'odd', 'do this')]),
    ],
    nothing,
    30,
  );
  expect(reports.map(({ name, findings }) => [name, findings[0]?.status, findings[0]?.message])).toEqual([
    ['a', 'ok', 'well'],
    ['b', 'fail', 'could not be checked: it broke'],
    ['c', 'fail', 'could not be checked: no answer within 0.03 s'],
    ['d', 'warn', 'odd'],
  ]);
  expect(failed(reports)).toBe(true);
  expect(failed(reports.slice(0, 1))).toBe(false);
  expect(failed(reports.slice(3))).toBe(false);
});

test('a server that does not answer is skipped, since connectivity reports it', async () => {
  const away = () => Promise.reject(new Error('refused'));
  expect(await onServer('Kafka', away, async () => [ok('x', 'y')])).toMatchObject([{ status: 'skip' }]);
});

const reports = [
  { name: 'a', title: 'All well', findings: [ok('one', 'runs'), ok('two', 'runs')] },
  { name: 'b', title: 'Mixed', findings: [ok('three', 'runs'), fail('four', 'is away', 'start it')] },
];

test('what is well takes one line, what is not says what to run', () => {
  expect(reportText(reports, { color: false, verbose: false }).split('\n')).toEqual([
    'ok    All well (2)',
    'ok    Mixed (1)',
    'fail  four: is away',
    '        run: start it',
    '',
    '3 ok, 0 warnings, 1 failed, 0 not checked',
  ]);
  expect(reportText(reports, { color: false, verbose: true })).toContain('ok    one: runs');
});

test('JSON holds every finding', () => {
  expect(JSON.parse(reportJson(reports))).toEqual({ ok: false, checks: reports });
});

test.each([
  ['3.7.0.Final', '3.7.0', true],
  ['3.6.1.Final', '3.7.0', false],
  ['3.10.0', '3.7.0', true],
  ['4.0', '3.5', true],
  ['3.5', '3.5.0', true],
  ['1.9.4', '1.29', false],
])('version %s is at least %s: %s', (version, least, answer) => {
  expect(atLeast(version, least)).toBe(answer);
});

const wanted = { retentionDays: 7, ledgerDays: 31, maxMessageBytes: 16_777_216 };
const settings = (changes: Record<string, string> = {}) =>
  new Map(
    Object.entries({
      'cleanup.policy': 'delete',
      'retention.ms': '604800000',
      'max.message.bytes': '16777216',
      'compression.type': 'producer',
      ...changes,
    }),
  );

test.each([
  [{}, [['ok', 'exists, as it must be']]],
  [{ 'retention.ms': String(31 * 86_400_000) }, [['ok', 'exists, as it must be']]],
  [{ 'retention.ms': '-1' }, [['warn', expect.stringMatching(/for ever, longer than the ledger remembers/)]]],
  [{ 'retention.ms': String(32 * 86_400_000) }, [['warn', expect.stringMatching(/32\.0 days, longer than/)]]],
  [{ 'cleanup.policy': 'compact' }, [['fail', expect.stringContaining('compacted')]]],
  [{ 'retention.ms': '86400000' }, [['warn', 'keeps records for 1.0 days, less than 7']]],
  [{ 'max.message.bytes': '1048588' }, [['warn', expect.stringContaining('1048588')]]],
  [{ 'compression.type': 'zstd' }, [['fail', expect.stringContaining('zstd')]]],
] as const)('topic settings %j', (changes, findings) => {
  expect(judgeTopic('t', settings(changes), wanted).map(({ status, message }) => [status, message])).toEqual(
    findings,
  );
});

const connector = (state: string, tasks: string[], cause: string[] = []) => ({
  name: 'c',
  state,
  cause: [],
  tasks: tasks.map((task, id) => ({ id, state: task, cause })),
});

test.each([
  ['absent', null, ['fail', 'c', 'is not registered']],
  ['well', connector('RUNNING', ['RUNNING']), ['ok', 'c', 'runs']],
  ['paused', connector('PAUSED', ['PAUSED']), ['warn', 'c', 'is PAUSED: changes wait in the log']],
  ['without a task', connector('RUNNING', []), ['fail', 'c', 'has no task']],
  [
    'with a failed task',
    connector('RUNNING', ['FAILED'], ['ConnectException: outer', 'PSQLException: no slot']),
    ['fail', 'c task 0', 'FAILED: PSQLException: no slot'],
  ],
] as const)('a connector that is %s', (_, status, finding) => {
  const found = judgeConnector('c', 'p', status);
  expect(found.map((each) => [each.status, each.subject, each.message])).toEqual([finding]);
});
