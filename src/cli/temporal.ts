import { randomBytes } from 'node:crypto';
import { Command } from 'commander';
import { execa } from 'execa';
import { ConfigError } from '../errors/config-error.ts';
import { createLogger } from '../observability/logger.ts';
import { bearerCheck } from '../process/bearer.ts';
import { codecServer } from '../process/codec-server.ts';
import { loadEnvironment } from '../process/config/environment.ts';
import type { Environment } from '../process/config/environment.ts';
import { loadSettings } from '../process/config/settings.ts';
import { temporalServer } from '../process/config/temporal.ts';
import { temporalVariables } from '../process/config/variables/temporal.ts';
import { fetchOnce } from '../stack/download.ts';
import { temporalDownload, temporalFetched, temporalOnPath } from '../stack/parts/temporal-binary.ts';
import { interruptible } from './interrupt.ts';
import { mainStack } from './main-stack.ts';

async function binary(): Promise<string> {
  const onPath = await temporalOnPath(process.env);
  if (onPath) return onPath.file;
  const { downloads } = (await mainStack()).folders;
  await interruptible((signal) =>
    fetchOnce(downloads, temporalDownload, { signal, onProgress: () => undefined }),
  );
  return temporalFetched(downloads).file;
}

/** A codec server for one command, where payloads are encrypted: what the Temporal CLI is told of it, by its variables. */
async function codecFor(environment: Environment, args: readonly string[]) {
  const set = environment.get('PAYLOAD_KEYS') !== undefined;
  const given =
    process.env['TEMPORAL_CODEC_ENDPOINT'] ?? args.some((each) => each.startsWith('--codec-endpoint'));
  if (!set || given) return null;
  const { keys, namespace } = temporalServer(loadSettings(environment));
  const token = randomBytes(16).toString('hex');
  const app = codecServer({
    keys,
    namespace,
    origins: [],
    check: bearerCheck({ token, issuer: null, audience: null }),
    metrics: { endpointAnswered: () => {} },
    log: createLogger({ level: 'silent' }),
  });
  const endpoint = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    variables: { TEMPORAL_CODEC_ENDPOINT: endpoint, TEMPORAL_CODEC_AUTH: `Bearer ${token}` },
    close: () => app.close(),
  };
}

/** Those that the Temporal CLI knows; what payloads are encrypted with is none of them. */
const ownVariables = Object.values(temporalVariables)
  .map(({ name }) => name)
  .filter((name) => name.startsWith('TEMPORAL_'));

async function temporal(args: readonly string[]): Promise<void> {
  const environment = loadEnvironment();
  const address = environment.get('TEMPORAL_ADDRESS');
  const given = args.some((argument) => argument.startsWith('--address'));
  const asksNoServer = args.length === 0 || args.includes('--help') || args.includes('-h');
  if (!address && !given && !asksNoServer)
    throw new ConfigError([
      "TEMPORAL_ADDRESS is not set: run 'tandem stack up', or give it in the environment",
    ]);
  const file = await binary();
  const codec = asksNoServer ? null : await codecFor(environment, args);
  const { exitCode } = await execa(file, args, {
    stdio: 'inherit',
    reject: false,
    env: {
      ...Object.fromEntries(
        ownVariables.flatMap((name) => {
          const value = environment.get(name);
          return value === undefined ? [] : [[name, value]];
        }),
      ),
      ...codec?.variables,
    },
  });
  await codec?.close();
  process.exitCode = exitCode ?? 1;
}

/** `tandem temporal`: Temporal's own CLI with address and login preset, which it reads by the same names; arguments and exit code are passed through. */
export function temporalCommand(): Command {
  return new Command('temporal')
    .description('Run the Temporal CLI with the address preset')
    .argument('[arguments...]', 'what the Temporal CLI takes: workflow list, workflow query …')
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(temporal);
}
