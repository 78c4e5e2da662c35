import type { Engine } from '../../pipeline/define.ts';
import { onEachSide, onServer } from '../check.ts';
import type { Check } from '../check.ts';
import { fail, ok, warn } from '../finding.ts';
import type { Finding } from '../finding.ts';
import { sideFinding } from '../side-finding.ts';

const numbers = (version: string) => version.split(/[.-]/).map((part) => Number.parseInt(part, 10) || 0);

/** Whether a dotted version is at least another. */
export function atLeast(version: string, least: string): boolean {
  const [own, wanted] = [numbers(version), numbers(least)];
  for (const [index, number] of wanted.entries())
    if ((own[index] ?? 0) !== number) return (own[index] ?? 0) > number;
  return true;
}

/** The connector of each engine, and what goes wrong below a version: the connectors' own reports. */
const connectorNeeds: Record<Engine, { name: string; least: string; harm: string }> = {
  postgres: { name: 'PostgresConnector', least: '3.7.0', harm: 'can lose rows when it restarts' },
  mysql: {
    name: 'MySqlConnector',
    least: '3.6.0',
    harm: 'reports origin marks wrongly and stops at a tagged transaction',
  },
};

function judge(name: string, version: string, least: string, repair: string): Finding {
  return atLeast(version, least)
    ? ok(name, version)
    : fail(name, `${version} is older than ${least}, the oldest supported`, repair);
}

/** Every part is of a version that is supported. */
export const versions: Check = {
  name: 'versions',
  title: 'Versions are supported',
  async run(context) {
    const engines = new Set(
      context.sides.filter(({ settings }) => settings.feed !== 'sqs').map(({ side }) => side.engine),
    );
    const [databases, connect, temporal] = await Promise.all([
      onEachSide(context, async (inspected) => {
        const requirements = await inspected.inspect.inspectVersion(await inspected.own());
        return requirements.map((requirement) => sideFinding(inspected, requirement));
      }),
      onServer('Kafka Connect', context.connectVersions, async (found) => [
        judge('Kafka Connect', found.worker, '3.5', 'upgrade Kafka'),
        ...[...engines].map((engine) => {
          const { name, least, harm } = connectorNeeds[engine];
          const plugin = found.plugins.find((each) => each.class.endsWith(`.${name}`));
          if (plugin === undefined)
            return fail(
              name,
              'is not installed in Kafka Connect',
              'put the Debezium plugin on its plugin.path',
            );
          if (atLeast(plugin.version, least)) return ok(name, plugin.version);
          return warn(name, `${plugin.version} ${harm}`, `upgrade it to ${least} or newer`);
        }),
      ]),
      onServer('Temporal', context.temporal, async ({ workflowService }) => {
        const { serverVersion } = await workflowService.getSystemInfo({});
        return [judge('Temporal', serverVersion ?? '0', '1.29', 'upgrade the Temporal server')];
      }),
    ]);
    return [...databases, ...connect, ...temporal];
  },
};
