import { connect, constants, createSecureServer } from 'node:http2';
import type { ClientHttp2Session, IncomingHttpHeaders, ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';

export interface TemporalDoorOptions {
  /** The plain server, host:port. */
  to: string;
  cert: string;
  key: string;
  /** Clients need a certificate that it signed. */
  clientAuthority?: string;
  /** Clients need to log in with it. */
  apiKey?: string;
  port?: number;
}

export interface TemporalDoor extends AsyncDisposable {
  /** To be reached by the name `localhost`. */
  readonly address: string;
}

const unauthenticated = { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '16' };

/** TLS and a login before a development server, which has neither; calls pass through it unchanged. */
export async function temporalDoor({
  to,
  cert,
  key,
  clientAuthority,
  apiKey,
  port = 0,
}: TemporalDoorOptions): Promise<TemporalDoor> {
  let session: ClientHttp2Session | null = null;
  /** Anew after the server was away. */
  const upstream = () => {
    if (session === null || session.closed || session.destroyed)
      session = connect(`http://${to}`).on('error', () => {});
    return session;
  };
  const client = clientAuthority === undefined ? {} : { ca: clientAuthority, requestCert: true };
  const server = createSecureServer({ cert, key, ...client });
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (each) => {
    sessions.add(each);
    each.on('close', () => sessions.delete(each)).on('error', () => {});
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    if (apiKey !== undefined && headers.authorization !== `Bearer ${apiKey}`)
      return stream.respond(unauthenticated, { endStream: true });
    const request = upstream().request({ ...headers, ':scheme': 'http', ':authority': to });
    let trailers: IncomingHttpHeaders = {};
    request.on('error', () => stream.close(constants.NGHTTP2_REFUSED_STREAM));
    request.on('response', (answer, flags) => {
      const whole = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
      stream.respond(answer, whole ? { endStream: true } : { waitForTrailers: true });
      if (!whole) request.pipe(stream);
    });
    request.on('trailers', (last) => {
      trailers = last;
    });
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    stream.on('close', () => request.close(constants.NGHTTP2_CANCEL));
    stream.pipe(request);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    address: `localhost:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const each of sessions) each.destroy();
      session?.destroy();
      await closed;
    },
  };
}
