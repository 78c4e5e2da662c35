/** Words for a server of one kind: its name, and what is set to trust it and to be trusted by it. */
export interface TlsSettings {
  server: string;
  /** The setting that names the file of the authority that signs the server's certificate. */
  authority: string;
  /** The settings that name the files of the client's certificate and its key. */
  certificate: string;
}

type Advice = (settings: TlsSettings) => string;

const untrusted: Advice = ({ authority }) =>
  `its certificate is not signed by an authority that is trusted here; set ${authority} to the file of its authority`;
// Some servers answer alike where a client has no certificate and where it has a wrong one.
const asksForCertificate: Advice = ({ certificate }) =>
  `it takes no client without a certificate that it trusts; set ${certificate}`;
const noTls: Advice = () => 'it does not speak TLS there; correct the address, or switch TLS off';

/** By the codes of Node and OpenSSL, and those of the drivers. */
const advices: Readonly<Record<string, Advice>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  CERT_SIGNATURE_FAILURE: untrusted,
  CERT_UNTRUSTED: untrusted,
  CERT_HAS_EXPIRED: () => 'its certificate has expired; renew it there',
  CERT_NOT_YET_VALID: () => 'its certificate is not valid yet; compare the clocks of both machines',
  ERR_TLS_CERT_ALTNAME_INVALID: () =>
    'its certificate is for another host name; connect by a name that stands in it',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: asksForCertificate,
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: asksForCertificate,
  ERR_SSL_SSL_TLSV1_ALERT_HANDSHAKE_FAILURE: asksForCertificate,
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: asksForCertificate,
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: asksForCertificate,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: asksForCertificate,
  ERR_SSL_WRONG_VERSION_NUMBER: noTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: noTls,
  HANDSHAKE_NO_SSL_SUPPORT: noTls,
};

const hasCode = (error: unknown): error is { code: unknown; cause?: unknown } =>
  typeof error === 'object' && error !== null;

/** One line that says why a server and this process do not come to trust each other, and what to do; null for any other error. */
export function tlsFailure(error: unknown, settings: TlsSettings): string | null {
  for (let each = error; hasCode(each); each = each.cause) {
    const code = String(each.code);
    const advice = advices[code];
    if (advice) return `${settings.server}: ${advice(settings)} (${code})`;
  }
  return null;
}
