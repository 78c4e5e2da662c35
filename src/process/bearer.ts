import { createHash, timingSafeEqual } from 'node:crypto';
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import type { JWTVerifyGetKey } from 'jose';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { z } from 'zod';
import { refuse } from '../observability/http-server.ts';

/** Whether an `Authorization` header may pass. Throws where nobody can tell, since the issuer does not answer. */
export type BearerCheck = (authorization: string | undefined) => Promise<boolean>;

export interface Bearers {
  /** A shared secret. */
  token: string | null;
  /** An OpenID Connect issuer whose tokens for `audience` pass. */
  issuer: string | null;
  audience: string | null;
}

const answerMs = 5000;

/** Null where neither a token nor an issuer is set: nobody is asked for anything. */
export function bearerCheck({ token, issuer, audience }: Bearers): BearerCheck | null {
  if (token === null && issuer === null) return null;
  const isIssued = issuer === null || audience === null ? null : issuedBy(issuer, audience);
  return async (authorization) => {
    const given = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
    if (given === undefined) return false;
    if (token !== null && isSame(given, token)) return true;
    return isIssued !== null && isIssued(given);
  };
}

/** Refuses requests that may not pass, before any of their body is read. */
export const bearerHook =
  (check: BearerCheck, log: Logger) =>
  async ({ headers }: FastifyRequest, reply: FastifyReply) => {
    try {
      if (await check(headers.authorization)) return;
    } catch (error) {
      log.error({ component: 'codec', err: error }, 'CODEC_ISSUER cannot be asked about a token');
      return refuse(reply.header('retry-after', '5'), 503, 'cannot be answered now');
    }
    return refuse(reply.header('www-authenticate', 'Bearer'), 401, 'a bearer token is needed');
  };

/** Takes as long however much of it is right. */
function isSame(given: string, token: string): boolean {
  const [one, other] = [given, token].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(one!, other!);
}

interface Issuer {
  /** As its tokens name it. */
  name: string;
  keys: JWTVerifyGetKey;
}

function issuedBy(url: string, audience: string): (token: string) => Promise<boolean> {
  let discovered: Promise<Issuer> | null = null;
  return async (token) => {
    discovered ??= discover(url);
    const { name, keys } = await discovered.catch((error: unknown) => {
      discovered = null;
      throw error;
    });
    try {
      await jwtVerify(token, keys, { issuer: name, audience, requiredClaims: ['exp'] });
      return true;
    } catch (error) {
      if (error instanceof errors.JOSEError && refusals.test(error.code)) return false;
      throw error;
    }
  };
}

/** Codes of what is wrong with a token, not with reaching its issuer. */
const refusals = /^ERR_(JW[ST]_|JWKS_NO_|JOSE_ALG_|JOSE_NOT_)/;

async function discover(url: string): Promise<Issuer> {
  const response = await fetch(`${url}/.well-known/openid-configuration`, {
    signal: AbortSignal.timeout(answerMs),
  });
  const { issuer, jwks_uri } = configuration.parse(await response.json());
  if (issuer.replace(/\/+$/, '') !== url) throw new Error('the issuer has another name for itself');
  return { name: issuer, keys: createRemoteJWKSet(new URL(jwks_uri), { timeoutDuration: answerMs }) };
}

const configuration = z.object({ issuer: z.string(), jwks_uri: z.url() });
