import type { ReadRecord } from '../support/topic-reader.ts';
import { disagreements } from './compare.ts';
import type { Journal } from './journal.ts';
import { lostWithoutClocks, unrecordedWithoutClocks } from './known.ts';
import { lostWrites, unrecordedDiscards } from './lost.ts';
import type { Mode } from './mode.ts';
import type { Snapshot } from './rows.ts';
import { topicProblems } from './topics.ts';
import type { Side } from './words.ts';

/** What has to hold once everything is quiet. */
export interface Finding {
  claim: string;
  /** Each way in which it does not hold; empty where it does. */
  problems: readonly string[];
}

export interface Evidence {
  journal: Journal;
  snapshots: Readonly<Record<Side, Snapshot>>;
  records: readonly ReadRecord[];
  since: Date;
  mode: Mode;
  /** Open dead letters of this run. */
  dead: readonly string[];
  /** What was still under way when the patience ended. */
  unquiet: readonly string[];
  /** Processes that ended without being told to. */
  deaths: readonly string[];
}

/** Judges a run by what the apps know they wrote, never by what Tandem says of itself. */
export function judge({
  journal,
  snapshots,
  records,
  since,
  mode,
  dead,
  unquiet,
  deaths,
}: Evidence): Finding[] {
  const { rows, identities } = disagreements(snapshots);
  const [lost, unrecorded] = mode.clocked
    ? [lostWrites, unrecordedDiscards]
    : [lostWithoutClocks, unrecordedWithoutClocks];
  const { missing, echoes } = topicProblems(records, journal.writes, since, mode);
  return [
    { claim: 'it became quiet', problems: unquiet },
    { claim: 'both sides agree on every mapped row and its clock', problems: rows },
    {
      claim: 'each pair of rows has one identity, and the ledgers do not contradict each other',
      problems: identities,
    },
    { claim: 'no acknowledged write is lost', problems: lost(journal.writes, snapshots) },
    { claim: 'every acknowledged write is in its topic', problems: missing },
    { claim: 'the topics hold no echo', problems: echoes },
    {
      claim: 'every edit that was discarded is recorded',
      problems: unrecorded(journal.writes, snapshots),
    },
    { claim: 'no dead letter is open', problems: dead },
    { claim: 'no process ended by itself', problems: deaths },
  ];
}
