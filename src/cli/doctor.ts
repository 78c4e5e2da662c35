import { Command } from 'commander';
import { runChecks } from '../doctor/check.ts';
import { openContext } from '../doctor/context.ts';
import { askedFor, checks } from '../doctor/registry.ts';
import { failed, reportJson, reportText } from '../doctor/report.ts';
import { ConfigError } from '../errors/config-error.ts';
import { loadEnvironment } from '../process/config/environment.ts';
import { loadSettings } from '../process/config/settings.ts';
import { resolveSides } from '../process/config/sides.ts';
import { loadPipelines } from '../process/pipelines.ts';

interface Options {
  json?: boolean;
  verbose?: boolean;
  only?: string;
  canary?: boolean;
}

const all = [...checks, ...askedFor];
const allNames = all.map(({ name }) => name).join(', ');

function chosen({ only, canary }: Options) {
  const names = only?.split(',') ?? checks.map(({ name }) => name);
  if (canary) names.push('canary');
  const unknown = names.filter((name) => !all.some((check) => check.name === name));
  if (unknown.length > 0)
    throw new ConfigError([`--only: no check named ${unknown.join(', ')}; there are ${allNames}`]);
  return all.filter(({ name }) => names.includes(name));
}

async function examine(names: readonly string[], options: Options): Promise<void> {
  const { json, verbose } = options;
  const asked = chosen(options);
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
    .option('--only <checks>', `comma-separated checks: ${allNames}`)
    .option(
      '--canary',
      "also prove that Tandem's own writes do not come back: writes a row on each side that can loop, in a table of its own",
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExit codes: 0 nothing failed (warnings may stand); 1 something failed; 2 a setting is wrong.',
    )
    .action(examine);
}
