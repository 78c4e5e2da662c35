import { parseArgs } from 'node:util';
import { runOnServers } from './on-servers.ts';
import { runSimulated } from './simulated.ts';

/**
 * `npm run test:mutations`: switches off one guard at a time in a copy of the sources and demands that something fails.
 * `--seeds N`: gives up after so many seeds. `--real`: the guards in SQL instead, on the test stack's servers.
 */
const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '6000' }, real: { type: 'boolean', default: false } },
});

const allSeen = values.real ? await runOnServers() : await runSimulated(Number(values.seeds));
process.exitCode = allSeen ? 0 : 1;
