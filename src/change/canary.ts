/**
 * The table in the ledger that `tandem doctor --canary` makes, writes to and drops again. Connectors capture it as they do
 * the tables of the apps; no entity has it.
 */
export const canaryTable = { schema: 'tandem', name: 'loop_canary' } as const;

export const canaryName = `${canaryTable.schema}.${canaryTable.name}`;
