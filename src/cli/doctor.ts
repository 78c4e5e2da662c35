import { Command } from 'commander';
import { runChecks } from '../doctor/check.ts';
import { openContext } from '../doctor/context.ts';
import { checks } from '../doctor/registry.ts';
import { failed, reportJson, reportText } from '../doctor/report.ts';
import { ConfigError } from '../errors/config-error.ts';
import { loadEnvironment } from '../process/config/environment.ts';
import { loadSettings } from '../process/config/settings.ts';
import { resolveSides } from '../process/config/sides.ts';
import { loadPipelines } from '../process/pipelines.ts';
import { examples } from './examples.ts';

interface Options {
  json?: boolean;
  verbose?: boolean;
  only?: string;
}

function chosen(only: string | undefined) {
  if (only === undefined) return checks;
  const names = only.split(',');
  const unknown = names.filter((name) => !checks.some((check) => check.name === name));
  if (unknown.length > 0)
    throw new ConfigError([
      `--only: no check named ${unknown.join(', ')}; there are ${checks.map(({ name }) => name).join(', ')}`,
    ]);
  return checks.filter(({ name }) => names.includes(name));
}

async function examine(names: readonly string[], { json, verbose, only }: Options): Promise<void> {
  const asked = chosen(only);
  const environment = loadEnvironment();
  const settings = loadSettings(environment);
  const pipelines = await loadPipelines(names.length > 0 ? names : settings.pipelines);
  const context = openContext(
    settings,
    pipelines.map((pipeline) => ({ pipeline, sides: resolveSides(pipeline, environment) })),
  );
  try {
    const reports = await runChecks(asked, context);
    const color = process.stdout.hasColors?.() ?? false;
    console.log(json ? reportJson(reports) : reportText(reports, { color, verbose: verbose ?? false }));
    if (failed(reports)) process.exitCode = 1;
  } finally {
    await context.close();
  }
}

/** `tandem doctor`: what is wrong around Tandem, and what to run. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('Check databases, Kafka, Connect and Temporal, and say what to repair')
    .argument('[pipelines...]', 'pipelines to check; default: TANDEM_PIPELINES')
    .option('-v, --verbose', 'show what is well line by line too')
    .option('--only <checks>', `comma-separated checks: ${checks.map(({ name }) => name).join(', ')}`)
    .option('--json', 'print JSON')
    .addHelpText('after', examples('doctor', 'doctor blog --only connectors,retention --verbose'))
    .addHelpText(
      'after',
      '\nExit codes: 0 nothing failed (warnings may stand); 1 something failed; 2 a setting is wrong.',
    )
    .action(examine);
}
