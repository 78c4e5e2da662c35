import { runChecks } from '../../src/doctor/check.ts';
import type { Check } from '../../src/doctor/check.ts';
import { openContext } from '../../src/doctor/context.ts';
import type { DoctorContext } from '../../src/doctor/context.ts';
import type { Finding } from '../../src/doctor/finding.ts';
import { applyFixes } from '../../src/doctor/fix.ts';
import type { Fixed } from '../../src/doctor/fix.ts';
import { checks } from '../../src/doctor/registry.ts';
import type { CompiledPipeline } from '../../src/pipeline/route.ts';
import type { Environment } from '../../src/process/config/environment.ts';
import { loadSettings } from '../../src/process/config/settings.ts';
import { resolveSides } from '../../src/process/config/sides.ts';

async function look<T>(
  environment: Environment,
  pipeline: CompiledPipeline,
  then: (context: DoctorContext) => Promise<T>,
): Promise<T> {
  const context = openContext(loadSettings(environment), [
    { pipeline, sides: resolveSides(pipeline, environment) },
  ]);
  try {
    return await then(context);
  } finally {
    await context.close();
  }
}

/** What doctor finds, by check. `change` may alter what it looks at. */
export const examine = (
  environment: Environment,
  pipeline: CompiledPipeline,
  {
    asked = checks,
    change = (context) => context,
  }: { asked?: readonly Check[]; change?: (context: DoctorContext) => DoctorContext } = {},
): Promise<Map<string, readonly Finding[]>> =>
  look(environment, pipeline, async (context) => {
    const reports = await runChecks(asked, change(context));
    return new Map(reports.map(({ name, findings }) => [name, findings]));
  });

/** What `--fix` does about what these checks find. */
export const fixAll = (
  environment: Environment,
  pipeline: CompiledPipeline,
  asked: readonly Check[] = checks,
): Promise<Fixed[]> =>
  look(environment, pipeline, async (context) => applyFixes(await runChecks(asked, context)));
