import type { Logger } from 'pino';
import { ConfigError } from '../errors/config-error.ts';
import { listen } from '../observability/listen.ts';
import type { Metrics } from '../observability/metrics.ts';
import { bearerCheck } from './bearer.ts';
import { codecServer } from './codec-server.ts';
import type { Environment } from './config/environment.ts';
import { httpAddress, httpTls } from './config/http.ts';
import { loadSettings } from './config/settings.ts';
import type { Settings } from './config/settings.ts';
import { temporalServer } from './config/temporal.ts';
import { serveAlone } from './serve-alone.ts';
import type { Serving } from './serve-alone.ts';
import type { Shutdown } from './shutdown.ts';

/** The origins of a Web UI: on this machine it is opened by either name. */
export function originsOf(url: string): string[] {
  const here = ['localhost', '127.0.0.1'];
  const { origin, hostname } = new URL(url);
  return here.includes(hostname) ? here.map((name) => origin.replace(hostname, name)) : [origin];
}

/** Serves the codec until the shutdown; gives the port, null where nothing is encrypted. */
export async function startCodec({
  settings,
  metrics,
  shutdown,
  log,
}: {
  settings: Settings;
  metrics: Metrics;
  shutdown: Shutdown;
  log: Logger;
}): Promise<number | null> {
  const { keys, namespace } = temporalServer(settings);
  if (keys.byId.size === 0) return null;
  const { codecToken: token, codecIssuer: issuer, codecAudience: audience, codecHost: host } = settings;
  const tls = httpTls(settings);
  const app = codecServer({
    keys,
    namespace,
    origins: settings.codecOrigins ?? originsOf(settings.temporalUiUrl),
    check: bearerCheck({ token, issuer, audience }),
    metrics,
    log,
    // A web page's first question brings no certificate; who may ask, a token tells.
    tls: tls && { ...tls, clientAuthority: null },
  });
  const port = await listen(app, 'CODEC_PORT', host, settings.codecPort);
  shutdown.afterwards(() => app.close());
  log.info({ address: httpAddress(settings, host, port), component: 'codec' }, 'the codec server is up');
  return port;
}

/** The codec server alone; it needs no other server. Throws `ConfigError` where no keys are set. */
export async function serveCodec(environment: Environment, log: Logger): Promise<Serving> {
  const settings = loadSettings(environment);
  return serveAlone(settings, async ({ metrics, shutdown }) => {
    const port = await startCodec({ settings, metrics, shutdown, log });
    if (port === null) throw new ConfigError(['PAYLOAD_KEYS: must be set; there is nothing to decode']);
    return port;
  });
}
