import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { SyncError } from '../../../src/errors/sync-error.ts';
import { createLogger, logFields } from '../../../src/observability/logger.ts';
import { packageRoot } from '../../../src/package-root.ts';

const secret = 'anna@example.org';

function capture() {
  const lines: string[] = [];
  const logger = createLogger({ level: 'trace', destination: { write: (line) => void lines.push(line) } });
  return { logger, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown> };
}

test('an event is logged by its fields', () => {
  const { logger, last } = capture();
  logger.info({ event_id: 'e', entity_type: 'people', processing_time_ms: 12, outcome: 'applied' }, 'synced');
  expect(last()).toMatchObject({ level: 'info', msg: 'synced', event_id: 'e', outcome: 'applied' });
  expect(last()['time']).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
});

test('a field that is not on the list is dropped, wherever it comes from', () => {
  const { logger, lines } = capture();
  logger.info({ event_id: 'e', payload: { email: secret }, email: secret }, 'x');
  logger.child({ row: secret, side: 'left' }).warn({ before: { email: secret } }, 'y');
  logger.info({ outcome: { email: secret } }, 'an object is no value of a field');
  logger.child({ side: 'right' }).child({ topic: 't', row: secret }).info('z');
  expect(lines).toHaveLength(4);
  expect(lines[3]).toContain('"side":"right","topic":"t"');
  expect(lines.join('')).not.toContain(secret);
  expect(lines[1]).toContain('"side":"left"');
});

test("a driver's error leaves its name, code and frames, never its message", () => {
  const { logger, lines, last } = capture();
  const duplicate = Object.assign(new Error(`Duplicate entry '${secret}' for key 'email'`), {
    code: 'ER_DUP_ENTRY',
  });
  logger.error({ err: duplicate }, 'failed');
  expect(last()).toMatchObject({ error_code: 'ER_DUP_ENTRY', error_name: 'Error', msg: 'failed' });
  expect(last()['stack']).toContain('logger.test');
  logger.error(duplicate);
  logger.error(duplicate, 'with a message');
  expect(last()).toMatchObject({ error_code: 'ER_DUP_ENTRY', msg: 'with a message' });
  expect(lines.join('')).not.toContain(secret);
});

test('a SyncError says what it names', () => {
  const { logger, last } = capture();
  const error = new SyncError('constraint', 'unique constraint refuses', {
    constraint: 'people_email',
    code: '23505',
  });
  logger.error({ err: error }, 'failed');
  expect(last()).toMatchObject({
    error_class: 'constraint',
    error: 'unique constraint refuses',
    constraint: 'people_email',
    error_code: '23505',
  });
});

test('a failure of an error class says what it names, another one does not', () => {
  const { logger, lines, last } = capture();
  logger.error({ err: ApplicationFailure.create({ type: 'unavailable', message: 'no key' }) }, 'failed');
  expect(last()).toMatchObject({ error_class: 'unavailable', error: 'no key' });
  logger.error({ err: ApplicationFailure.create({ type: 'Error', message: secret }) }, 'failed');
  logger.error({ err: Object.assign(new Error(secret), { type: 'data' }) }, 'failed');
  expect(lines.join('')).not.toContain(secret);
});

test("an error's code is text, whichever type the driver gives it", () => {
  const { logger, last } = capture();
  logger.error({ err: Object.assign(new Error('x'), { code: 14 }) }, 'failed');
  expect(last()['error_code']).toBe('14');
});

test('no line of the sources names a field that would be dropped', () => {
  const sources = readdirSync(join(packageRoot, 'src'), { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts'),
  );
  const lines = sources.flatMap((name) => [
    ...readFileSync(join(packageRoot, 'src', name), 'utf8').matchAll(
      /\blog(?:\.\w+|\[[^\]]+\])\(\s*\{((?:[^{}]|\{[^{}]*\})*)\}/g,
    ),
  ]);
  const named = lines.flatMap(([, fields]) =>
    fields!
      .replaceAll(/\([^()]*\)|\.\.\.\w+/g, '')
      .split(',')
      .map((field) => /^\s*(\w+)/.exec(field)?.[1])
      .filter((field) => field !== undefined),
  );
  expect(named).toEqual(expect.arrayContaining(['event_id', 'trouble', 'repair', 'because']));
  const known: readonly string[] = [...logFields, 'err'];
  expect(named.filter((field) => !known.includes(field))).toEqual([]);
});
