import type { Requirement } from './inspector.ts';

type Parts = { subject: string; met: boolean; found: string; repair: string };

const state = (severity: Requirement['severity'], { subject, met, found, repair }: Parts): Requirement => ({
  subject,
  met,
  severity,
  found,
  repair: met ? null : repair,
});

/** Without it Tandem does not work, or loses changes. */
export const required = (parts: Parts): Requirement => state('fail', parts);

/** Without it Tandem works, with a limit. */
export const advised = (parts: Parts): Requirement => state('warn', parts);
