import { connect as connectPlain, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ISocketFactory } from 'kafkajs';
import { tlsFailure } from '../../tls/failure.ts';

const tlsSettings = {
  server: 'Kafka',
  authority: 'KAFKA_SSL_CA_FILE',
  certificate: 'KAFKA_SSL_CERT_FILE and KAFKA_SSL_KEY_FILE',
};

/** Whether a broker and this process do not come to trust each other: nothing that passes by itself. */
export const isRefusal = (error: Error): boolean =>
  error.name === 'KafkaJSSASLAuthenticationError' || tlsFailure(error, tlsSettings) !== null;

const keepAliveMs = 60_000;

/** As kafkajs makes its own, but where TLS fails its error says what to do: kafkajs repeats the message, in its log too. */
export const kafkaSocket: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  const servername = isIP(host) === 0 ? { servername: host } : {};
  // The type says otherwise, but without TLS there are no options.
  const socket = (ssl as typeof ssl | undefined)
    ? connectTls({ host, port, ...servername, ...ssl }, onConnect)
    : connectPlain({ host, port }, onConnect);
  socket.setKeepAlive(true, keepAliveMs);
  socket.on('error', (error) => {
    error.message = tlsFailure(error, tlsSettings) ?? error.message;
  });
  return socket;
};
