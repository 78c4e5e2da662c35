import { readFileSync } from 'node:fs';
import type { HttpTls } from '../../observability/listen.ts';
import type { Settings } from './settings.ts';

export const httpScheme = ({ httpCertificate }: Settings): string =>
  httpCertificate === null ? 'http' : 'https';

/** What this process's HTTP servers answer with; null: plain HTTP. */
export function httpTls({ httpCertificate, httpKey, httpClientAuthority }: Settings): HttpTls | null {
  if (httpCertificate === null || httpKey === null) return null;
  return {
    cert: readFileSync(httpCertificate),
    key: readFileSync(httpKey),
    clientAuthority: httpClientAuthority === null ? null : readFileSync(httpClientAuthority),
  };
}
