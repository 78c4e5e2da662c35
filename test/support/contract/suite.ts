import { afterAll, beforeAll, describe } from '@jest/globals';
import { ledgerCases } from './ledger.ts';
import { rowsCases } from './rows.ts';
import { nestedCases, transactionsCases } from './transactions.ts';
import { ContractUse } from './use.ts';
import type { ContractSubject } from './use.ts';

/** What the core relies on, of any implementation of the database contract. */
export function contractSuite(
  name: string,
  open: () => Promise<ContractSubject>,
  { nested = true }: { nested?: boolean } = {},
): void {
  describe(`database contract: ${name}`, () => {
    const use = new ContractUse();
    beforeAll(async () => use.start(await open()));
    afterAll(() => use.subject.close());
    ledgerCases(use);
    rowsCases(use);
    transactionsCases(use);
    if (nested) nestedCases(use);
  });
}
