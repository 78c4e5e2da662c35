import { Command } from 'commander';
import { execa } from 'execa';
import { ConfigError } from '../errors/config-error.ts';
import { loadEnvironment } from '../process/config/environment.ts';
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

async function temporal(args: readonly string[]): Promise<void> {
  const environment = loadEnvironment();
  const address = environment.get('TEMPORAL_ADDRESS');
  const given = args.some((argument) => argument.startsWith('--address'));
  const asksNoServer = args.length === 0 || args.includes('--help') || args.includes('-h');
  if (!address && !given && !asksNoServer)
    throw new ConfigError([
      "TEMPORAL_ADDRESS is not set: run 'tandem stack up', or give it in the environment",
    ]);
  const { exitCode } = await execa(await binary(), args, {
    stdio: 'inherit',
    reject: false,
    env: Object.fromEntries(
      Object.values(temporalVariables).flatMap(({ name }) => {
        const value = environment.get(name);
        return value === undefined ? [] : [[name, value]];
      }),
    ),
  });
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
