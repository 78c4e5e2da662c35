import { pino } from 'pino';
import type { Bindings, ChildLoggerOptions, DestinationStream, Level, Logger } from 'pino';
import { isErrorClass } from '../errors/error-class.ts';
import { errorCode } from '../errors/error-code.ts';
import { framesOf } from '../errors/frames.ts';
import { SyncError } from '../errors/sync-error.ts';

/**
 * Every field a log line may carry. Anything else is dropped, so a row, a payload or a driver's error object cannot
 * reach a log by accident. None of these ever holds a row value; each is of one type in every line.
 */
export const logFields = [
  // the event
  'event_id', 'pipeline', 'entity_type', 'table', 'operation', 'source', 'target', 'position', 'snapshot',
  // what came of it
  'outcome', 'replayed', 'conflict', 'processing_time_ms', 'attempt', 'retry_count', 'layer', 'reason', 'step',
  // pauses and troubles
  'scope', 'by', 'because', 'trouble', 'repair', 'lasted_s', 'left',
  // errors
  'error', 'error_class', 'error_name', 'error_code', 'column', 'constraint', 'signature', 'stack',
  // the feed
  'topic', 'topics', 'queue', 'messages', 'partition', 'partitions', 'offset', 'groupId', 'group_id', 'records', 'lag_records',
  'lag_seconds', 'ahead_seconds', 'in_flight', 'waiting', 'paused',
  // Temporal
  'workflow_id', 'run_id', 'workflow_type', 'activity_type', 'task_queue', 'namespace', 'schedule',
  // the process
  'component', 'process', 'side', 'sides', 'name', 'pid', 'hostname', 'version', 'host', 'port', 'address',
  'broker', 'clientId', 'retryCount', 'retryTime', 'attempts', 'delay_ms', 'duration_ms', 'count', 'signal', 'code',
  'check', 'status', 'connector', 'task', 'endpoint',
] as const; // prettier-ignore

export type LogField = (typeof logFields)[number];

type Plain = string | number | boolean | null;

const allowed: ReadonlySet<string> = new Set(logFields);

const isPlain = (value: unknown): value is Plain =>
  value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

/**
 * An error as fields. The message is kept only of a `SyncError`, and of a failure that carries an error class, whose
 * messages hold no row value; a driver's own message may hold one, so of other errors only the name, the code and the
 * frames remain.
 */
export function errorFields(error: unknown): Record<string, Plain> {
  if (!(error instanceof Error)) return { error_name: typeof error };
  const { type } = error as Error & { type?: unknown };
  const fields: Record<string, Plain> = { error_name: error.name };
  const code = errorCode(error);
  if (code !== null) fields['error_code'] = code;
  if (typeof type === 'string' && isErrorClass(type)) {
    fields['error_class'] = type;
    if (error.name === 'ApplicationFailure') fields['error'] = error.message;
  }
  if (error instanceof SyncError) {
    fields['error'] = error.message;
    fields['error_class'] = error.errorClass;
    if (error.column !== undefined) fields['column'] = error.column;
    if (error.constraint !== undefined) fields['constraint'] = error.constraint;
  }
  fields['stack'] = framesOf(error);
  return fields;
}

function permit(fields: Record<string, unknown>): Record<string, unknown> {
  const permitted: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value instanceof Error) Object.assign(permitted, errorFields(value));
    else if (!allowed.has(name)) continue;
    else if (isPlain(value)) permitted[name] = value;
    else if (Array.isArray(value) && value.every(isPlain)) permitted[name] = value;
  }
  return permitted;
}

type ChildMethod = (this: Logger, bindings: Bindings, options?: ChildLoggerOptions) => Logger;

export interface LoggerOptions {
  level: Level | 'silent';
  /** Where lines go; default stdout, written asynchronously. */
  destination?: DestinationStream;
  /** Fields of every line. */
  base?: Partial<Record<LogField, Plain>>;
}

/** JSON lines with `time` in ISO 8601 and the level by name, holding nothing but `logFields`. */
export function createLogger({ level, destination, base = {} }: LoggerOptions): Logger {
  const logger = pino(
    {
      level,
      base,
      timestamp: pino.stdTimeFunctions.isoTime,
      // pino would serialise errors and requests before `formatters.log` sees them
      serializers: { err: (error: unknown) => error },
      formatters: { level: (label) => ({ level: label }), log: permit },
      hooks: {
        logMethod(parameters, method) {
          const [first, ...rest] = parameters as unknown as [unknown, ...unknown[]];
          // pino takes an error's message as the line's message; a driver's may hold row values
          if (first instanceof Error)
            method.apply(this, [errorFields(first), ...(rest.length > 0 ? rest : [first.name])] as never);
          else method.apply(this, parameters);
        },
      },
    },
    destination ?? pino.destination({ dest: 1, sync: false }),
  );
  // pino gives a child's bindings to no formatter; children inherit this method
  const { child } = logger as unknown as { child: ChildMethod };
  const permittedChild: ChildMethod = function (bindings, childOptions) {
    return child.call(this, permit(bindings), childOptions);
  };
  logger.child = permittedChild as unknown as Logger['child'];
  return logger;
}
