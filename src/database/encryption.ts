import { existsSync } from 'node:fs';
import { ConfigError } from '../errors/config-error.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { Engine } from '../pipeline/define.ts';
import { tlsFailure } from '../tls/failure.ts';
import { readTlsFiles } from '../tls/files.ts';
import type { TlsFiles, TlsIdentity } from '../tls/files.ts';
import { codeOf } from './transport.ts';

/**
 * disable: plain text. require: encrypted, whoever answers. verify-ca: only to a server whose certificate a trusted
 * authority signed. verify-full: and which is for the host name.
 */
export const encryptionModes = ['disable', 'require', 'verify-ca', 'verify-full'] as const;
export type EncryptionMode = (typeof encryptionModes)[number];

export interface Encryption extends TlsFiles {
  mode: EncryptionMode;
}

const files = ['authority', 'certificate', 'key'] as const;

/** What a URL calls these things: the parameters of the engine's own clients. */
type Parameters = Record<keyof Encryption, string> & { values: Readonly<Record<EncryptionMode, string>> };

const parameters: Record<Engine, Parameters> = {
  postgres: {
    mode: 'sslmode',
    authority: 'sslrootcert',
    certificate: 'sslcert',
    key: 'sslkey',
    values: {
      disable: 'disable',
      require: 'require',
      'verify-ca': 'verify-ca',
      'verify-full': 'verify-full',
    },
  },
  mysql: {
    mode: 'ssl-mode',
    authority: 'ssl-ca',
    certificate: 'ssl-cert',
    key: 'ssl-key',
    values: {
      disable: 'DISABLED',
      require: 'REQUIRED',
      'verify-ca': 'VERIFY_CA',
      'verify-full': 'VERIFY_IDENTITY',
    },
  },
};

const servers: Record<Engine, string> = { postgres: 'PostgreSQL', mysql: 'MySQL' };

/** The engine's own word for a mode. */
export const encryptionWord = (engine: Engine, mode: EncryptionMode): string =>
  parameters[engine].values[mode];

/** What TLS failed of, as `unavailable`; any other error as it is. */
export function explained(engine: Engine, error: unknown): unknown {
  const { authority, certificate, key } = parameters[engine];
  const settings = { server: servers[engine], authority, certificate: `${certificate} and ${key}` };
  const says = tlsFailure(error, settings);
  return says === null ? error : new SyncError('unavailable', says, { code: codeOf(error), cause: error });
}

const isEncryption = (name: string): boolean => name.startsWith('ssl');

function parse(engine: Engine, url: string): { encryption: Encryption; problems: string[] } {
  const names = parameters[engine];
  const { searchParams } = new URL(url);
  const problems: string[] = [];
  const known: string[] = [names.mode, ...files.map((file) => names[file])];
  for (const name of new Set(searchParams.keys()))
    if (isEncryption(name) && !known.includes(name))
      problems.push(`${name} is not taken; there are ${known.join(', ')}`);
  const [authority = null, certificate = null, key = null] = files.map((file) =>
    searchParams.get(names[file]),
  );
  const given = searchParams.get(names.mode);
  // A fallback to plain text is no mode of ours: whoever is in between decides about it.
  const stated = encryptionModes.find((mode) => names.values[mode] === given);
  if (given !== null && stated === undefined)
    problems.push(`${names.mode} must be one of ${Object.values(names.values).join(', ')}`);
  const mode = stated ?? (authority === null && certificate === null ? 'disable' : 'verify-full');
  if (authority !== null && !mode.startsWith('verify'))
    problems.push(`${names.authority} has no effect with ${names.mode}=${names.values[mode]}`);
  if ((certificate === null) !== (key === null))
    problems.push(`${names.certificate} and ${names.key} go together`);
  if (certificate !== null && mode === 'disable')
    problems.push(`${names.certificate} has no effect with ${names.mode}=${names.values[mode]}`);
  for (const file of files) {
    const path = searchParams.get(names[file]);
    if (path !== null && !existsSync(path)) problems.push(`${names[file]}: no such file`);
  }
  return { encryption: { mode, authority, certificate, key }, problems };
}

/** What is wrong with what a URL says of encryption; no word of the URL but names and files. */
export const encryptionProblems = (engine: Engine, url: string): string[] => parse(engine, url).problems;

/** What a URL says; plain text where it says nothing, verify-full where it gives files and no mode. */
export const encryptionOf = (engine: Engine, url: string): Encryption => parse(engine, url).encryption;

/** The URL with these settings, unless it says something of encryption by itself. */
export function withEncryption(engine: Engine, url: string, settings: Partial<Encryption>): string {
  const changed = new URL(url);
  const names = parameters[engine];
  if ([...changed.searchParams.keys()].some(isEncryption)) return url;
  const { mode } = settings;
  if (mode) changed.searchParams.set(names.mode, names.values[mode]);
  for (const file of files) {
    const path = settings[file];
    if (path) changed.searchParams.set(names[file], path);
  }
  return changed.href;
}

/** How a driver is to connect. */
export interface Login {
  /** Knows nothing of encryption. */
  url: string;
  mode: EncryptionMode;
  /** What Node's TLS takes; null: plain text. */
  tls: (TlsIdentity & { rejectUnauthorized: boolean }) | null;
}

/** Throws `ConfigError` where `encryptionProblems` gives any. */
export function loginOf(engine: Engine, url: string): Login {
  const { encryption, problems } = parse(engine, url);
  if (problems.length > 0)
    throw new ConfigError(problems.map((problem) => `the URL of ${servers[engine]}: ${problem}`));
  const { mode } = encryption;
  const stripped = new URL(url);
  for (const name of [...stripped.searchParams.keys()].filter(isEncryption))
    stripped.searchParams.delete(name);
  return {
    url: stripped.href,
    mode,
    tls: mode === 'disable' ? null : { ...readTlsFiles(encryption), rejectUnauthorized: mode !== 'require' },
  };
}
