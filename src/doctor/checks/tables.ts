import { onEachSide } from '../check.ts';
import type { Check } from '../check.ts';
import { fromRequirement } from '../finding.ts';
import type { Finding } from '../finding.ts';

/** Triggers, before images, cascades, and dates the other side cannot hold. */
export const tables: Check = {
  name: 'tables',
  title: 'Tables have triggers and whole rows in the log',
  run: (context) =>
    onEachSide(context, async ({ side, inspect, admin, tables: inspected }) => {
      const findings: Finding[] = [];
      for (const table of inspected)
        for (const requirement of await inspect.inspectTable(await admin(), table))
          findings.push(fromRequirement(side.name, requirement));
      return findings;
    }),
};
