import { BlockList, isIP } from 'node:net';
import { encryptionOf } from '../../database/encryption.ts';
import { sidePrefix } from '../../process/config/sides.ts';
import type { Check } from '../check.ts';
import type { DoctorContext } from '../context.ts';
import { ok, warn } from '../finding.ts';
import type { Finding } from '../finding.ts';

/** How one server is spoken to. */
export interface Transport {
  name: string;
  /** Names or addresses. */
  hosts: readonly string[];
  security: 'plain' | 'unverified' | 'verified';
  /** What makes it safe. */
  repair: string;
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

function isHere(host: string): boolean {
  const bare = host.replaceAll(/[[\]]/g, '');
  const family = isIP(bare);
  return family === 0 ? bare === 'localhost' : loopback.check(bare, family === 4 ? 'ipv4' : 'ipv6');
}

/** Plain text is for one machine alone. */
export function judge({ name, hosts, security, repair }: Transport): Finding {
  if (security === 'verified') return ok(name, 'encrypted, and the server is verified');
  const far = hosts.filter((host) => !isHere(host));
  if (far.length === 0)
    return ok(name, `${security === 'plain' ? 'plain text' : 'encrypted'}, on this machine`);
  const where = [...new Set(far)].join(', ');
  return security === 'plain'
    ? warn(name, `is spoken to in plain text at ${where}`, repair)
    : warn(name, `is encrypted, but whoever answers at ${where} is trusted`, repair);
}

const hostOf = (address: string): string =>
  new URL(address.includes('://') ? address : `tcp://${address}`).hostname;

const httpRepair = 'set HTTP_TLS_CERT_FILE and HTTP_TLS_KEY_FILE';

function transports({ settings, sides, pipelines, buses, cache }: DoctorContext): Transport[] {
  const { brokers, connectUrl, temporalAddress, redisUrl } = settings;
  const security = (isVerified: boolean): Transport['security'] => (isVerified ? 'verified' : 'plain');
  const databases = sides.flatMap(({ side, settings: { engine, databaseUrl, adminUrl } }): Transport[] =>
    [databaseUrl, ...(adminUrl === null ? [] : [adminUrl])].map((url, index) => {
      const { mode } = encryptionOf(engine, url);
      return {
        name: index === 0 ? side.name : `${side.name} as administrator`,
        hosts: [hostOf(url)],
        security: mode === 'disable' ? 'plain' : mode === 'require' ? 'unverified' : 'verified',
        repair: `set ${sidePrefix(side.name)}_SSLMODE=verify-full, unless its URL says how`,
      };
    }),
  );
  return [
    ...databases,
    {
      name: 'Kafka',
      hosts: brokers.map(hostOf),
      security: security(settings.kafkaTls),
      repair: 'set KAFKA_SSL=true',
    },
    {
      name: 'Kafka Connect',
      hosts: [hostOf(connectUrl)],
      security: security(connectUrl.startsWith('https:')),
      repair: 'let CONNECT_URL begin with https://',
    },
    {
      name: 'Temporal',
      hosts: [hostOf(temporalAddress)],
      security: security(settings.temporalTls),
      repair: 'set TEMPORAL_TLS=true',
    },
    ...(buses.has('Redis') || cache !== null
      ? [
          {
            name: 'Redis',
            hosts: [hostOf(redisUrl)],
            security: security(redisUrl.startsWith('rediss:')),
            repair: 'let REDIS_URL begin with rediss://',
          },
        ]
      : []),
    ...(pipelines.some(({ endpoints }) => endpoints.length > 0)
      ? [
          {
            name: 'endpoints',
            hosts: [settings.endpointsHost],
            security: security(settings.httpCertificate !== null),
            repair: httpRepair,
          },
        ]
      : []),
    ...(settings.payloadKeys === null
      ? []
      : [
          {
            name: 'codec server',
            hosts: [settings.codecHost],
            security: security(settings.httpCertificate !== null),
            repair: httpRepair,
          },
        ]),
  ];
}

/** What goes over a network is encrypted, to servers that are who they say. Asks no server. */
export const transport: Check = {
  name: 'transport',
  title: 'Transports are encrypted',
  run: (context) => Promise.resolve(transports(context).map(judge)),
};
