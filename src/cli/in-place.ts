import { createLogUpdate } from 'log-update';

/**
 * Writes a text over the one before it. The cursor stays visible: whoever hides it ends the process at an interrupt, before
 * the last word is told.
 */
export const inPlace = (stream: NodeJS.WriteStream) => createLogUpdate(stream, { showCursor: true });
