import { onEachSide } from '../check.ts';
import type { Check } from '../check.ts';
import { fromRequirement } from '../finding.ts';

/** The log is written as change capture needs it. */
export const logSettings: Check = {
  name: 'log',
  title: 'Logs are written for change capture',
  run: (context) =>
    onEachSide(context, async ({ side, inspect, admin }) =>
      (
        await inspect.inspectLog(await admin(), context.settings.originMarks ? context.settings.poolSize : 0)
      ).map((requirement) => fromRequirement(side.name, requirement)),
    ),
};
