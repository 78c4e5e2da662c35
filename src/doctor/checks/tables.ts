import { connectorConfig } from '../context.ts';
import { hasConnector, onEachSide } from '../check.ts';
import type { Check } from '../check.ts';
import type { Finding } from '../finding.ts';
import { sideFinding } from '../side-finding.ts';

/** Triggers, before images, publication, cascades, and dates the other side cannot hold. */
export const tables: Check = {
  name: 'tables',
  title: 'Tables have triggers and whole rows in the log',
  run: (context) =>
    onEachSide(context, async (inspected) => {
      const { side, inspect, admin, tables: all } = inspected;
      const config = hasConnector(inspected) ? await connectorConfig(context, side.connector) : null;
      const findings: Finding[] = [];
      for (const table of all) {
        const publication = config?.['publication.name'] ?? null;
        for (const requirement of await inspect.inspectTable(await admin(), table, publication))
          findings.push(sideFinding(inspected, requirement));
      }
      return findings;
    }),
};
