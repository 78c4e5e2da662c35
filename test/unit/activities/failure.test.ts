import { describe, expect, test } from '@jest/globals';
import { defaultFailureConverter, defaultPayloadConverter } from '@temporalio/common';
import { ServiceError } from '@temporalio/client';
import { errorClassOf, toFailure } from '../../../src/activities/failure.ts';
import { errorClasses } from '../../../src/errors/error-class.ts';
import { SyncError } from '../../../src/errors/sync-error.ts';
import { readFailure } from '../../../src/temporal/read-failure.ts';

const of = { verb: 'upsertRow', entity: 'users', attempt: 2 };

/** A gRPC error as the client throws it. */
const grpc = (code: number) => Object.assign(new Error('grpc'), { code, details: 'details', metadata: {} });

describe('errorClassOf', () => {
  test.each(errorClasses)('keeps the class %s', (errorClass) => {
    expect(errorClassOf(new SyncError(errorClass, 'message'))).toBe(errorClass);
  });

  test.each([
    ['UNAVAILABLE', 14, 'unavailable'],
    ['RESOURCE_EXHAUSTED, an id started again too soon', 8, 'unavailable'],
    ['DEADLINE_EXCEEDED', 4, 'unavailable'],
    ['INVALID_ARGUMENT', 3, 'bug'],
  ])('takes %s of Temporal for what it is', (_name, code, errorClass) => {
    expect(errorClassOf(grpc(code))).toBe(errorClass);
    expect(errorClassOf(new ServiceError('Failed to start Workflow', { cause: grpc(code) }))).toBe(
      errorClass,
    );
  });

  test.each([new TypeError('x'), 'text', undefined, { code: 'ECONNREFUSED' }])(
    'takes %p for a bug',
    (error) => {
      expect(errorClassOf(error)).toBe('bug');
    },
  );
});

describe('toFailure', () => {
  test('tells the rows that clash in its details, never in its message', () => {
    const rows = [
      { entity: 'users', side: 'legacy', key: '4711' },
      { entity: 'users', side: 'revamp', key: '815' },
    ];
    const { failure } = toFailure(new SyncError('constraint', 'two rows', { rows }), of);
    expect(failure.details).toMatchObject([{ rows }]);
    expect(readFailure(failure).failure.rows).toEqual(rows);
    expect(`${failure.message} ${failure.stack}`).not.toMatch(/4711|815/);
  });

  test('tells class, code, column, constraint and attempt', () => {
    const { failure } = toFailure(
      new SyncError('constraint', 'violates users_email_key', {
        code: '23505',
        constraint: 'users_email_key',
      }),
      of,
    );
    expect(failure).toMatchObject({
      type: 'constraint',
      message: 'violates users_email_key',
      details: [
        {
          attempt: 2,
          signature: 'constraint/users/23505/users_email_key',
          code: '23505',
          column: null,
          constraint: 'users_email_key',
        },
      ],
    });
  });

  test('is one signature for one cause, whatever the attempt', () => {
    const error = () => new SyncError('data', 'too long', { column: 'name' });
    const signature = (attempt: number) => toFailure(error(), { ...of, attempt }).detail.signature;
    expect(signature(1)).toBe(signature(5));
  });

  const driverError = Object.assign(new Error('Key (email)=(secret@example.org) exists'), { code: '23505' });
  const syntaxError = new SyntaxError(
    'Unexpected token in {"email":"secret@example.org"}\n    at secret (secret:1)',
  );
  test.each([
    ['a driver error', driverError],
    ['a driver error as the cause of ours', new SyncError('constraint', 'refused', { cause: driverError })],
    ['a parser error of several lines', syntaxError],
    ['an error whose code is no code', Object.assign(new Error('x'), { code: 'secret@example.org' })],
    ['a thrown text', 'secret'],
  ])('lets no row value out of %s', (_name, error) => {
    const { failure } = toFailure(error, of);
    const sent = defaultFailureConverter.errorToFailure(failure, defaultPayloadConverter);
    const plain = JSON.stringify(sent, (_key, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString() : value,
    );
    expect(plain).not.toContain('secret');
  });

  test('keeps the frames of the original error', () => {
    expect(toFailure(new TypeError('secret'), of).failure.stack).toMatch(/failure\.test\.ts/);
  });
});
