import { runChecks } from '../../src/doctor/check.ts';
import type { Check } from '../../src/doctor/check.ts';
import { openContext } from '../../src/doctor/context.ts';
import type { DoctorContext } from '../../src/doctor/context.ts';
import type { Finding } from '../../src/doctor/finding.ts';
import { checks } from '../../src/doctor/registry.ts';
import type { CompiledPipeline } from '../../src/pipeline/route.ts';
import type { Environment } from '../../src/process/config/environment.ts';
import { loadSettings } from '../../src/process/config/settings.ts';
import { resolveSides } from '../../src/process/config/sides.ts';

/** What doctor finds, by check. `change` may alter what it looks at. */
export async function examine(
  environment: Environment,
  pipeline: CompiledPipeline,
  {
    asked = checks,
    change = (context) => context,
  }: {
    asked?: readonly Check[];
    change?: (context: DoctorContext) => DoctorContext;
  } = {},
): Promise<Map<string, readonly Finding[]>> {
  const context = openContext(loadSettings(environment), [
    { pipeline, sides: resolveSides(pipeline, environment) },
  ]);
  try {
    const reports = await runChecks(asked, change(context));
    return new Map(reports.map(({ name, findings }) => [name, findings]));
  } finally {
    await context.close();
  }
}
