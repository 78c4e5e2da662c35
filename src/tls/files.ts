import { readFileSync } from 'node:fs';

/** PEM files for one server; null: the system's authorities, and no client certificate. */
export interface TlsFiles {
  /** Of the authority that signs the server's certificate. */
  authority: string | null;
  certificate: string | null;
  /** Of the key of `certificate`. */
  key: string | null;
}

/** What Node's TLS takes of the files, read now: a process keeps them until it ends. */
export interface TlsIdentity {
  ca?: Buffer;
  cert?: Buffer;
  key?: Buffer;
}

export function readTlsFiles({ authority, certificate, key }: TlsFiles): TlsIdentity {
  const identity: TlsIdentity = {};
  if (authority !== null) identity.ca = readFileSync(authority);
  if (certificate !== null) identity.cert = readFileSync(certificate);
  if (key !== null) identity.key = readFileSync(key);
  return identity;
}
