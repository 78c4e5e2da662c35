import { z } from 'zod';
import { text } from '../variable.ts';
import type { Variable } from '../variable.ts';

export const codecVariables = {
  codecPort: {
    name: 'CODEC_PORT',
    schema: text.port,
    default: '8084',
    description: 'Port of the codec server, which decodes payloads for the Web UI; 0: any free one.',
  },
  codecHost: {
    name: 'CODEC_HOST',
    schema: z.string().regex(/^[\w.:-]+$/, 'must be an address to listen on'),
    default: '127.0.0.1',
    description:
      'Address it listens on. Another than a loopback address needs `CODEC_TOKEN` or `CODEC_ISSUER`: it shows rows.',
  },
  codecToken: {
    name: 'CODEC_TOKEN',
    schema: text.token,
    secret: true,
    description: 'Token that it asks for as `Authorization: Bearer …`.',
  },
  codecIssuer: {
    name: 'CODEC_ISSUER',
    schema: text.url(['https']).transform((url) => url.replace(/\/+$/, '')),
    description:
      'OpenID Connect issuer of the access tokens that the Web UI passes on; such a token is as good as `CODEC_TOKEN`.',
  },
  codecAudience: {
    name: 'CODEC_AUDIENCE',
    schema: text.any,
    description: 'Audience that tokens of `CODEC_ISSUER` must be for.',
  },
  codecOrigins: {
    name: 'CODEC_ORIGINS',
    schema: text.list.pipe(z.array(text.url(['http', 'https']).transform((url) => new URL(url).origin))),
    description: 'Origins of the web pages that may ask it; unset: that of `TEMPORAL_UI_URL`.',
  },
} as const satisfies Record<string, Variable>;
