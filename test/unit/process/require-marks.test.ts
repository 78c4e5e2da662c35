import { expect, test } from '@jest/globals';
import { ConfigError } from '../../../src/errors/config-error.ts';
import { requireMarks } from '../../../src/process/require-marks.ts';
import { simulated } from '../../support/simulation/schema.ts';
import { pair } from '../../support/two-sides.ts';

const databases = (marks: Record<string, boolean>) =>
  new Map(
    Object.entries(marks).map(([side, originMarks]) => [
      side,
      { capabilities: () => Promise.resolve({ originMarks }) },
    ]),
  );

test('entities without row clocks are refused where a side has no origin marks, and named', async () => {
  const refused = requireMarks(simulated, databases({ left: true, right: false }));
  await expect(refused).rejects.toThrow(ConfigError);
  await expect(refused).rejects.toThrow(
    'SYNC_ORIGIN_MARKS: pipeline simulated keeps no row clock for notes, remarks, which needs origin marks on right',
  );
  await requireMarks(simulated, databases({ left: true, right: true }));
});

test('row clocks need no origin marks', async () => {
  await requireMarks(pair, databases({ left: false, right: false }));
});
