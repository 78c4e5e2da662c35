import { types } from 'node:util';

const { isNativeError } = types;

/** Codes of Node and of the drivers for a server that cannot be reached or a connection that broke. */
const transportCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'ETIMEDOUT',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOENT',
  'EACCES',
  'EMFILE',
  'ENFILE',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'PROTOCOL_PACKETS_OUT_OF_ORDER',
  'PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR',
]);

/** A fault on the way to the server, found by the place where it happened: drivers give most of them no code. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly code: string | undefined;

  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.code = codeOf(cause);
  }
}

/** By shape: errors of Node's own need not be of this realm's `Error`. */
export const codeOf = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;

export const isTransport = (error: unknown): boolean =>
  error instanceof TransportError || transportCodes.has(codeOf(error) ?? '');

/**
 * For errors of a driver that no server sent: plain ones are lost connections and the driver's own timeouts, which
 * carry a code only sometimes; a TypeError or the like stays what it is.
 */
export const asTransport = (error: unknown, message: string): unknown =>
  isNativeError(error) && error.name === 'Error' ? new TransportError(message, error) : error;
