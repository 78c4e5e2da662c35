import { migrateLedger } from '../database/migrate.ts';
import type { Requirement } from '../database/requirement.ts';
import type { InspectedSide } from './context.ts';
import type { Finding, Fix } from './finding.ts';

type Of = Pick<InspectedSide, 'pipeline' | 'side' | 'settings' | 'admin'>;

const place = ({ pipeline, side }: Of) => `${pipeline.name}/${side.name}`;

/** As `tandem migrate` does it; null where the side's administrator is not known. */
export function migration(inspected: Of): Fix | null {
  const { side, settings } = inspected;
  const { adminUrl, engine, databaseUrl: url } = settings;
  if (adminUrl === null) return null;
  return {
    key: `${place(inspected)}: ledger`,
    async run() {
      const { applied } = await migrateLedger({ side: side.name, engine, adminUrl, url });
      return applied.length > 0 ? `applied ${applied.join(', ')}` : 'granted what belongs to it';
    },
  };
}

const running = (inspected: Of, { subject, repair }: Requirement, statements: readonly string[]): Fix => ({
  key: `${place(inspected)}: ${subject}`,
  async run() {
    const connection = await inspected.admin();
    for (const statement of statements) await connection.query(statement);
    return `ran ${repair}`;
  },
});

function fixOf(inspected: Of, requirement: Requirement): Fix | null {
  const { remedy } = requirement;
  if (remedy === undefined || inspected.settings.adminUrl === null) return null;
  return remedy === 'migrate' ? migration(inspected) : running(inspected, requirement, remedy.statements);
}

/** What a side's database was asked for, as a line of the report. */
export function sideFinding(inspected: Of, requirement: Requirement): Finding {
  const { subject, met, severity, found, repair } = requirement;
  const fix = fixOf(inspected, requirement);
  return {
    status: met ? 'ok' : severity,
    subject: `${inspected.side.name}: ${subject}`,
    message: found,
    repair,
    ...(fix && { fix }),
  };
}
