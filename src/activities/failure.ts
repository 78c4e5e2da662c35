import { ApplicationFailure } from '@temporalio/activity';
import { isGrpcServiceError, ServiceError } from '@temporalio/client';
import type { ErrorClass } from '../errors/error-class.ts';
import { errorCode } from '../errors/error-code.ts';
import { framesOf } from '../errors/frames.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { FailureDetail } from '../temporal/failures.ts';

/** gRPC codes of a request that is itself wrong; every other one is Temporal being away, busy or not yet set up. */
const wrongRequest: ReadonlySet<number> = new Set([3, 11, 12]);

/** The class of any error. Databases and records throw `SyncError`; what is neither that nor Temporal's is a `bug`. */
export function errorClassOf(error: unknown): ErrorClass {
  if (error instanceof SyncError) return error.errorClass;
  if (error instanceof Error && isGrpcServiceError(error))
    return wrongRequest.has(error.code) ? 'bug' : 'unavailable';
  if (error instanceof ServiceError)
    return isGrpcServiceError(error.cause) ? errorClassOf(error.cause) : 'unavailable';
  return 'bug';
}

/**
 * The failure Temporal is told: its type is the error's class, `details[0]` a `FailureDetail`. Only a `SyncError`'s
 * message is passed on, of any other error its name and code; a driver's or parser's words can hold row values. The
 * cause is left out for the same reason.
 */
export function toFailure(
  error: unknown,
  { verb, entity, attempt }: { verb: string; entity: string | null; attempt: number },
): { failure: ApplicationFailure; errorClass: ErrorClass; detail: FailureDetail } {
  const errorClass = errorClassOf(error);
  const known = error instanceof SyncError ? error : null;
  const code = known ? (known.code ?? null) : errorCode(error);
  const detail: FailureDetail = {
    verb,
    attempt,
    signature: [
      errorClass,
      entity ?? '-',
      code ?? (known ? '-' : nameOf(error)),
      known?.constraint ?? known?.column ?? '-',
    ].join('/'),
    code,
    column: known?.column ?? null,
    constraint: known?.constraint ?? null,
    ...(known?.rows && { rows: known.rows }),
    ...(known?.awaits && { awaits: known.awaits }),
  };
  const message =
    known?.message ?? `unexpected ${nameOf(error)}${code === null ? '' : ` (${code})`} in ${verb}`;
  const failure = ApplicationFailure.create({
    message,
    type: errorClass,
    details: [detail],
    // Such an event is to be woken, not tried on.
    nonRetryable: known?.awaits !== undefined,
  });
  failure.stack = `${errorClass}: ${message}\n${framesOf(error)}`;
  return { failure, errorClass, detail };
}

const nameOf = (error: unknown) => (error instanceof Error ? error.name : typeof error);
