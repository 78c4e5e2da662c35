export { backfill } from './backfill.ts';
export { deadLetter } from './dead-letter.ts';
export { housekeeping } from './housekeeping.ts';
export { job } from './job.ts';
export { pause } from './pause.ts';
export { poll } from './poll.ts';
export { syncBatch } from './sync-batch.ts';
export { syncChange } from './sync-change.ts';
