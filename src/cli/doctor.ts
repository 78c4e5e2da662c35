import { Command } from 'commander';
import { runChecks } from '../doctor/check.ts';
import { canary } from '../doctor/checks/canary.ts';
import { openContext } from '../doctor/context.ts';
import type { DoctorContext } from '../doctor/context.ts';
import { applyFixes } from '../doctor/fix.ts';
import { askedFor, checks } from '../doctor/registry.ts';
import { failed, reportJson, reportText } from '../doctor/report.ts';
import { ConfigError } from '../errors/config-error.ts';
import { loadEnvironment } from '../process/config/environment.ts';
import { loadSettings } from '../process/config/settings.ts';
import { resolveSides } from '../process/config/sides.ts';
import { loadPipelines } from '../process/pipelines.ts';
import { examples } from './examples.ts';
import { interruptible } from './interrupt.ts';

interface Options {
  json?: boolean;
  verbose?: boolean;
  only?: string;
  canary?: boolean;
  fix?: boolean;
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
  const { json, verbose = false, fix } = options;
  const asked = chosen(options);
  const environment = loadEnvironment();
  const settings = loadSettings(environment);
  const pipelines = await loadPipelines(names.length > 0 ? names : settings.pipelines);
  const withContext = async <T>(
    work: (context: DoctorContext) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> => {
    const context = openContext(
      settings,
      pipelines.map((pipeline) => ({ pipeline, sides: resolveSides(pipeline, environment) })),
      signal,
    );
    try {
      return await work(context);
    } finally {
      await context.close();
    }
  };
  const tell = (line: string) => process.stderr.write(`${line}\n`);
  const fixed = fix
    ? await withContext(async (context) => {
        const harmless = asked.filter((check) => !askedFor.includes(check));
        return applyFixes(await runChecks(harmless, context), (subject) => tell(`repairing ${subject}`));
      })
    : undefined;
  const check = (context: DoctorContext) => runChecks(asked, context);
  const flies = asked.includes(canary);
  if (flies) tell('the canary flies: up to a minute');
  const reports = flies
    ? await interruptible((signal) => withContext(check, signal))
    : await withContext(check);
  const color = process.stdout.hasColors?.() ?? false;
  console.log(
    json ? reportJson(reports, fixed) : reportText(reports, { color, verbose, ...(fixed && { fixed }) }),
  );
  if (failed(reports)) process.exitCode = 1;
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
    .option('--fix', 'first repair what can be repaired by adding, and can be undone (see below)')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples('doctor', 'doctor blog --only connectors,retention --verbose', 'doctor blog --fix --canary'),
    )
    .addHelpText(
      'after',
      `
Each line that is not well says what to run. --fix runs these by itself, then checks again:
  missing topics; their retention and record size where too low, a compression that cannot be read
  missing search attributes of the Temporal namespace
  the ledger's migrations, with the grants and origins that belong to it *
  a table that is not in the connector's publication, a replica identity that is not FULL, triggers not ENABLE ALWAYS *
  what failed of a connector is restarted
* as the administrator, where the side's …_ADMIN_URL is set. Everything else it leaves to you.

--canary makes a table tandem.loop_canary in the ledgers of both sides, writes a row to it as Tandem and as an app would, reads from
Kafka what comes of that, and drops the table. No other table is touched. It needs the connectors to run and …_ADMIN_URL.

Exit codes: 0 nothing failed (warnings may stand); 1 something failed; 2 a setting is wrong.`,
    )
    .action(examine);
}
