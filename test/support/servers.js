import { register } from 'node:module';

const state = Symbol.for('tandem.test-servers');

async function openTestStack() {
  globalThis[state] ??= { loader: register('./typescript-loader.js', import.meta.url), wasUp: undefined };
  const { testStack } = await import('./test-stack.ts');
  return testStack();
}

/** Brings parts of the test stack up before jest runs a test; all of them without `only`. */
export async function startServers(only) {
  const stack = await openTestStack();
  globalThis[state].wasUp ??= stack.status().some((part) => part.state === 'running');
  await stack.up({ only });
  const { openDoors } = await import('./encrypted/doors.ts');
  globalThis[state].doors ??= await openDoors();
}

/** Ends the test stack, unless it was running before jest. */
export default async function stopServers() {
  const stack = await openTestStack();
  await globalThis[state].doors?.[Symbol.asyncDispose]();
  if (globalThis[state].wasUp === false) await stack.down();
}
