import { hasConnector, onEachSide } from '../check.ts';
import type { Check } from '../check.ts';
import { sideFinding } from '../side-finding.ts';

/** The log is written as change capture needs it, where it is read, and Tandem's own writes can be told in it. */
export const logSettings: Check = {
  name: 'log',
  title: 'Logs are written for change capture',
  run: (context) =>
    onEachSide(context, async (inspected) => {
      const { inspect, admin } = inspected;
      const connection = await admin();
      const requirements = [
        ...(hasConnector(inspected) ? await inspect.inspectLog(connection) : []),
        ...(context.settings.originMarks
          ? await inspect.inspectMarkCapacity(connection, context.settings.poolSize)
          : []),
      ];
      return requirements.map((requirement) => sideFinding(inspected, requirement));
    }),
};
