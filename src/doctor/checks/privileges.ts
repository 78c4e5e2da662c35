import { onEachSide } from '../check.ts';
import type { Check } from '../check.ts';
import type { DoctorContext } from '../context.ts';
import { fromRequirement } from '../finding.ts';

/** The role a side's connector logs in as; null where the connector is not registered or Connect does not answer. */
async function readerOf({ connect }: DoctorContext, connector: string): Promise<string | null> {
  try {
    return (await (await connect()).config(connector))?.['database.user'] ?? null;
  } catch {
    return null;
  }
}

/** Tandem's role and the connector's may do what they must. */
export const privileges: Check = {
  name: 'privileges',
  title: 'Roles may do what they must',
  run: (context) =>
    onEachSide(context, async ({ side, inspect, own, admin, tables }) => {
      const reader = await readerOf(context, side.connector);
      const requirements = [
        ...(await inspect.inspectPrivileges(await own(), tables, side.isTarget ? undefined : null)),
        ...(context.settings.originMarks && side.isTarget
          ? [await inspect.inspectOriginMarks(await own())]
          : []),
        ...(reader === null ? [] : await inspect.inspectReader(await admin(), reader, tables)),
      ];
      return requirements.map((requirement) => fromRequirement(side.name, requirement));
    }),
};
