export { deadLetter } from './dead-letter.ts';
export { syncChange } from './sync-change.ts';
