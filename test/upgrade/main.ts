import { parseArgs } from 'node:util';
import type { Lane } from '../../src/ingest/lane.ts';
import { modes } from '../chaos/mode.ts';
import { hasPassed, reportText } from '../chaos/report.ts';
import { runChaos } from '../chaos/run-chaos.ts';
import { chaosStack } from '../support/test-stack.ts';
import { installPacked } from './packed-build.ts';
import { buildOf, previousRelease } from './previous-build.ts';
import { rollouts } from './rollout.ts';

/**
 * `npm run test:upgrade -- [--from COMMIT] [--seed N] [--lane auto|event|batch] [--rate 12] [--port-offset 2000]`: the processes are rolled from the
 * last release's build to this one, installed from its tarball, back, and forward again, while apps write on both sides. Judged as a chaos run is.
 */
const { values } = parseArgs({
  options: {
    from: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    lane: { type: 'string', default: 'auto' },
    rate: { type: 'string', default: '12' },
    'port-offset': { type: 'string', default: '2000' },
  },
});

const began = Date.now();
const say = (line: string) =>
  void process.stdout.write(`${((Date.now() - began) / 1000).toFixed(0).padStart(5)} s  ${line}\n`);

const from = values.from ?? (await previousRelease());
await using previous = await buildOf(from);
say(`${previous.name} is built`);
await using next = await installPacked();
say('this build is packed and installed');
const stack = chaosStack(Number(values['port-offset']));
try {
  await stack.down({ wipe: true });
  const report = await runChaos({
    stack,
    build: previous,
    ordeal: rollouts(previous, next, say),
    // At most: it ends with the last rollout.
    minutes: 20,
    seed: Number(values.seed),
    mode: modes.full,
    lane: values.lane as Lane,
    rate: Number(values.rate),
    keys: false,
    replay: `npm run test:upgrade -- --from ${from} --seed ${values.seed} --lane ${values.lane}`,
    say,
  });
  process.stdout.write(`${reportText(report)}\n`);
  process.exitCode = hasPassed(report) ? 0 : 1;
} finally {
  await stack.down();
}
