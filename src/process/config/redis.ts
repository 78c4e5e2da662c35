import type { RedisServer } from '../../effects/redis-connection.ts';
import { readTlsFiles } from '../../tls/files.ts';
import type { Settings } from './settings.ts';

type RedisSettings = Pick<Settings, 'redisUrl' | 'redisAuthority' | 'redisCertificate' | 'redisKey'>;

/** How to reach Redis. */
export const redisServer = ({
  redisUrl: url,
  redisAuthority: authority,
  redisCertificate: certificate,
  redisKey: key,
}: RedisSettings): RedisServer => ({ url, tls: readTlsFiles({ authority, certificate, key }) });
