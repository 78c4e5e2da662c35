import { Interrupted } from './interrupt.ts';

/** Aborts at the first SIGINT or SIGTERM, after `onSignal`; a second one ends the process at once. */
export function stopSignal(onSignal: (signal: NodeJS.Signals) => void): AbortSignal {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      onSignal(signal);
      stopping.abort(new Interrupted(signal, 'stopped before everything was up'));
    });
  return stopping.signal;
}
