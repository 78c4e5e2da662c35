export { deadLetter } from './dead-letter.ts';
export { housekeeping } from './housekeeping.ts';
export { pause } from './pause.ts';
export { syncChange } from './sync-change.ts';
