import { onEachSide } from '../check.ts';
import type { Check } from '../check.ts';
import { readerOf } from '../context.ts';
import { sideFinding } from '../side-finding.ts';

/** Tandem's role and the connector's may do what they must. */
export const privileges: Check = {
  name: 'privileges',
  title: 'Roles may do what they must',
  run: (context) =>
    onEachSide(context, async (inspected) => {
      const { side, inspect, own, admin, tables } = inspected;
      const reader = await readerOf(context, side.connector);
      const requirements = [
        ...(await inspect.inspectPrivileges(await own(), tables, side.isTarget ? undefined : null)),
        ...(context.settings.originMarks && side.isTarget
          ? [await inspect.inspectOriginMarks(await own())]
          : []),
        ...(reader === null ? [] : await inspect.inspectReader(await admin(), reader, tables)),
      ];
      return requirements.map((requirement) => sideFinding(inspected, requirement));
    }),
};
