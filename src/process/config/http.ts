import { readFileSync } from 'node:fs';
import type { HttpTls } from '../../observability/http-server.ts';
import type { Settings } from './settings.ts';

export const httpScheme = ({ httpCertificate }: Settings): string =>
  httpCertificate === null ? 'http' : 'https';

/** Where a server of this process answers. */
export const httpAddress = (settings: Settings, host: string, port: number): string =>
  `${httpScheme(settings)}://${host.includes(':') ? `[${host}]` : host}:${port}`;

/** What this process's HTTP servers answer with; null: plain HTTP. */
export function httpTls({ httpCertificate, httpKey, httpClientAuthority }: Settings): HttpTls | null {
  if (httpCertificate === null || httpKey === null) return null;
  return {
    cert: readFileSync(httpCertificate),
    key: readFileSync(httpKey),
    clientAuthority: httpClientAuthority === null ? null : readFileSync(httpClientAuthority),
  };
}
