import { scopeName } from '../temporal/pause.ts';
import type { OpenPause } from '../temporal/pauses.ts';

/** One line that says what is paused, why and since when. */
export const pauseLine = ({ pipeline, scope, reason, signature, text, since }: OpenPause): string =>
  `paused: ${scopeName(pipeline, scope)} since ${since}, ${reason}: ${signature ?? text}`;
