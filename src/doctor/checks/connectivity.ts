import type { Check } from '../check.ts';
import { fail, ok, reason } from '../finding.ts';
import type { Finding } from '../finding.ts';

async function reach(name: string, open: () => Promise<unknown>, repair: string): Promise<Finding> {
  try {
    await open();
    return ok(name, 'answers');
  } catch (error) {
    return fail(name, reason(error), repair);
  }
}

/** Every server answers, with the credentials that were given. */
export const connectivity: Check = {
  name: 'connectivity',
  title: 'Servers answer',
  run: (context) =>
    Promise.all([
      ...context.sides.flatMap(({ side, settings, own, admin }) => [
        reach(
          side.name,
          own,
          'start the database, correct its URL, or `tandem migrate` where its role is missing',
        ),
        ...(settings.adminUrl === null
          ? []
          : [reach(`${side.name} as administrator`, admin, 'correct its …_ADMIN_URL, or unset it')]),
      ]),
      reach('Kafka', context.kafka, 'start Kafka, or correct KAFKA_BROKERS'),
      reach('Kafka Connect', context.connectVersions, 'start Kafka Connect, or correct CONNECT_URL'),
      ...[...context.buses].map(([name, bus]) =>
        reach(name, () => bus.ping(), `start ${name}, correct its address, or set EVENT_BUS=none`),
      ),
      ...(context.cache === null
        ? []
        : [reach('cache', () => context.cache!.ping(), 'start Redis, or correct REDIS_URL')]),
      reach('Temporal', context.temporal, 'start Temporal, or correct TEMPORAL_ADDRESS'),
    ]),
};
