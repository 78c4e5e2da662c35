import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import forge from 'node-forge';

/** PEM files in one folder. Every certificate is for the name `localhost` alone, so that 127.0.0.1 is the wrong one. */
export const certificateFiles = (folder: string) => ({
  authority: join(folder, 'authority.crt'),
  /** Another authority under the same name: what it signed nobody else trusts. */
  stranger: join(folder, 'stranger.crt'),
  server: join(folder, 'server.crt'),
  /** Of the same key. */
  expired: join(folder, 'expired.crt'),
  key: join(folder, 'server.key'),
  /** For the user `tls_client`. */
  client: join(folder, 'client.crt'),
  clientKey: join(folder, 'client.key'),
});

export type CertificateFiles = ReturnType<typeof certificateFiles>;

/** User the client certificate is for. */
export const certifiedUser = 'tls_client';

const day = 86_400_000;

interface Pair {
  key: forge.pki.rsa.PrivateKey;
  pem: string;
  publicKey: forge.pki.rsa.PublicKey;
}

function keyPair(): Pair {
  const pair = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return {
    key: forge.pki.privateKeyFromPem(pair.privateKey),
    pem: pair.privateKey,
    publicKey: forge.pki.publicKeyFromPem(pair.publicKey),
  };
}

function certificate(
  of: Pair,
  name: string,
  signer: { name: string; key: forge.pki.rsa.PrivateKey },
  { expired = false, authority = false } = {},
): string {
  const made = forge.pki.createCertificate();
  made.publicKey = of.publicKey;
  made.serialNumber = `01${randomBytes(8).toString('hex')}`;
  made.validity.notBefore = new Date(Date.now() - 2 * day);
  made.validity.notAfter = new Date(Date.now() + (expired ? -day : 3650 * day));
  made.setSubject([{ name: 'commonName', value: name }]);
  made.setIssuer([{ name: 'commonName', value: signer.name }]);
  made.setExtensions(
    authority
      ? [{ name: 'basicConstraints', cA: true }]
      : [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  );
  made.sign(signer.key, forge.md.sha256.create());
  return forge.pki.certificateToPem(made);
}

/** Makes the certificates where there are none; the folder appears in one step. */
export async function makeCertificates(folder: string): Promise<void> {
  if (existsSync(folder)) return;
  const [authority, stranger, server, client] = [keyPair(), keyPair(), keyPair(), keyPair()];
  const signer = { name: 'Tandem tests', key: authority.key };
  const contents: Record<keyof CertificateFiles, string> = {
    authority: certificate(authority, signer.name, signer, { authority: true }),
    stranger: certificate(stranger, signer.name, { ...signer, key: stranger.key }, { authority: true }),
    server: certificate(server, 'server', signer),
    expired: certificate(server, 'server', signer, { expired: true }),
    key: server.pem,
    client: certificate(client, certifiedUser, signer),
    clientKey: client.pem,
  };
  const partial = `${folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  for (const [name, path] of Object.entries(certificateFiles(partial)))
    await writeFile(path, contents[name as keyof CertificateFiles], { mode: 0o600 });
  await rename(partial, folder);
}

/** Certificate and key in one file, as Kafka takes them. */
export async function pemStore(certificate: string, key: string, into: string): Promise<void> {
  await writeFile(into, `${await readFile(key, 'utf8')}${await readFile(certificate, 'utf8')}`, {
    mode: 0o600,
  });
}
