/** One textual edit that switches a guard off. */
export interface Edit {
  file: string;
  /** Stands in the file exactly so many times, 1 unless told. */
  find: string;
  times?: number;
  replace: string;
}

export interface Guard {
  name: string;
  edits: readonly Edit[];
}

/** The file's text after the edit. Throws where the edit does not fit it any more. */
export function switchedOff(guard: Guard, { file, find, times = 1, replace }: Edit, text: string): string {
  const parts = text.split(find);
  if (parts.length !== times + 1)
    throw new Error(
      `guard "${guard.name}": ${file} holds its text ${parts.length - 1} times, not ${times}: bring test/mutations up to date\n  ${find}`,
    );
  return parts.join(replace);
}

const situation = 'src/apply/situation.ts';
const oneWay = 'src/apply/one-way.ts';
const app = 'test/support/memory/app.ts';

/**
 * Guards that the simulation needs: each switched off in the core, or, where it lives in the triggers or in the ledger's
 * SQL, in the model of them.
 */
export const simulated: readonly Guard[] = [
  {
    name: 'claims',
    edits: [
      {
        file: 'src/apply/claims.ts',
        find: '  if (!isToward(route)) return { key: settledAway(identity, resolved), claims: false };',
        replace: `  const noted = identity.targetKey ?? resolved ?? (row && (await candidates(tx, route, row))[0]?.key) ?? null;
  const sides = { sourceSide: route.source.side, targetSide: route.target.side };
  const owner = noted && (await tx.findIdentityByTarget({ ...claimScope(route), ...sides, targetKey: noted }));
  if (route.matchOn) return { key: owner && owner.sourceKey !== event.primary_key ? null : noted, claims: false };`,
      },
      {
        file: 'src/apply/apply-event.ts',
        find: 'if (!isToward(route)) return await applyAway',
        replace: 'if (Math.random() > 1) return await applyAway',
      },
    ],
  },
  {
    name: 'hybrid clock',
    edits: [
      { file: app, find: 'larger(this.#world.now(), before.clock! + 1n)', replace: 'this.#world.now()' },
    ],
  },
  {
    name: 'tie rule',
    edits: [
      {
        file: 'src/apply/version.ts',
        find: 'return candidate.side === fixedSide && held.side !== fixedSide;',
        replace: 'return false;',
      },
    ],
  },
  {
    name: 'local tombstone',
    edits: [
      {
        file: situation,
        find: 'const local = clock === null ? null : { clock, side };',
        replace: 'const local = null;',
      },
    ],
  },
  {
    name: "the delete's one clock, in the event",
    edits: [
      {
        file: 'src/change/to-change-event.ts',
        find: 'clock: clockOf(payload, captured, operation),',
        replace:
          "clock: operation === 'DELETE' && captured.clock ? String(BigInt(payload[captured.clock] as string) + 3n) : clockOf(payload, captured, operation),",
      },
    ],
  },
  {
    name: "the delete's one clock, in the tombstone",
    edits: [
      {
        file: app,
        find: 'await this.#leaveTombstone(of, key, before.clock! + 1n);',
        replace: 'await this.#leaveTombstone(of, key, this.#world.now());',
      },
    ],
  },
  {
    name: "the insert's start clock, above tombstones",
    edits: [{ file: app, find: 'return held === 0n ? null : held + 1n;', replace: 'return null;' }],
  },
  {
    name: "the insert's start clock, above the row a REPLACE ends",
    edits: [{ file: app, find: 'there?.clock == null ? null : there.clock + 2n', replace: 'null' }],
  },
  {
    name: 'larger tombstone',
    edits: [
      {
        file: situation,
        find: 'newest(identity.tombstone, local, route.fixedSide)',
        replace: '(local ?? identity.tombstone)',
      },
    ],
  },
  {
    name: 'position guard of a one-way entity',
    edits: [{ file: oneWay, find: ': isLater(event.position, identity.position);', replace: ': true;' }],
  },
  {
    name: 'read rule of a one-way entity: a read sorts below every change',
    edits: [
      {
        file: oneWay,
        find: '? identity.position === null || event.position.epoch > identity.position.epoch',
        replace: '? isLater(event.position, identity.position)',
      },
    ],
  },
  {
    name: 'read rule of a one-way entity: a read does not raise the position',
    edits: [
      {
        file: 'src/apply/apply-change.ts',
        find: 'const moves = !event.snapshot && !reread && isLater(',
        replace: 'const moves = !reread && isLater(',
      },
    ],
  },
  {
    name: 'identity lock',
    edits: [
      {
        file: 'test/support/memory/transaction.ts',
        find: 'const known = await this.store.identities.lock(this.owner, identityId(key));',
        replace: 'const known = this.store.identities.read(this.owner, identityId(key));',
      },
    ],
  },
  {
    name: 'a new identity is made once',
    edits: [
      {
        file: 'test/support/memory/transaction.ts',
        find: "throw new SyncError('contention', 'another transaction made the identity first');",
        replace: 'return;',
      },
    ],
  },
  {
    name: 'origin mark, source filter and no-op together',
    edits: [
      {
        file: 'src/change/echo.ts',
        find: "if (op === 'r' || source.snapshot) return null;",
        replace: 'return null;',
      },
      {
        file: 'src/apply/decide.ts',
        find: 'const { newer: advances, same } = situation;',
        replace: 'const { same } = situation; const advances = situation.newer || same;',
      },
    ],
  },
  {
    name: 'without row clocks: the winner only takes an edit made upon what it has',
    edits: [
      {
        file: 'src/apply/unclocked/offer-row.ts',
        find: 'newer: inStep,',
        replace: 'newer: true,',
      },
    ],
  },
  {
    name: 'without row clocks: what the other side was given is told by what it holds',
    edits: [
      {
        file: 'src/apply/unclocked/offer-row.ts',
        find: 'const inStep =',
        replace: 'const inStep = held !== null ||',
      },
    ],
  },
  {
    name: 'ledger: the stored outcome of an event that comes again',
    edits: [
      {
        file: 'src/apply/apply-change.ts',
        find: 'const processed = await tx.findProcessed(event.event_id);',
        replace: 'const processed = null as { outcome: never; targetKey: null } | null;',
      },
    ],
  },
  {
    name: 'ledger: the outcome is stored with the row',
    edits: [{ file: 'src/apply/apply-change.ts', find: 'await tx.recordProcessed({', replace: 'void ({' }],
  },
];
