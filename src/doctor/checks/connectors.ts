import { z } from 'zod';
import { onServer } from '../check.ts';
import type { Check } from '../check.ts';
import type { DoctorContext } from '../context.ts';
import { fail, ok, warn } from '../finding.ts';
import type { Finding } from '../finding.ts';

const state = z.object({ state: z.string(), trace: z.string().optional() });
const connectorStatus = z.object({ connector: state, tasks: z.array(state.extend({ id: z.int() })) });

/** The line of a Java stack that says why: the last cause. Records in it are cut off. */
export function causeOf(trace: string | undefined): string {
  const lines = (trace ?? '')
    .split('\n')
    .filter((line) => /^(Caused by: )?[\w.$]+(Exception|Error)\b/.test(line));
  const [last = 'no cause given'] = lines.slice(-1);
  return last
    .replace(/^Caused by: /, '')
    .replace(/\b(Struct|SourceRecord|ConnectRecord)\s*\{.*/s, '$1{…}')
    .slice(0, 300);
}

async function inspect(context: DoctorContext, pipeline: string, connector: string): Promise<Finding[]> {
  const found = await context.connect(`/connectors/${encodeURIComponent(connector)}/status`);
  const apply = `tandem connectors apply ${pipeline}`;
  if (found === null) return [fail(connector, 'is not registered', apply)];
  const { connector: own, tasks } = connectorStatus.parse(found);
  if (own.state === 'PAUSED' || own.state === 'STOPPED')
    return [
      warn(
        connector,
        `is ${own.state}: changes wait in the log`,
        `curl -X PUT $CONNECT_URL/connectors/${connector}/resume`,
      ),
    ];
  if (own.state !== 'RUNNING') return [fail(connector, `${own.state}: ${causeOf(own.trace)}`, apply)];
  if (tasks.length === 0) return [fail(connector, 'has no task', apply)];
  const broken = tasks.filter((task) => task.state !== 'RUNNING');
  if (broken.length === 0) return [ok(connector, 'runs')];
  return broken.map((task) =>
    fail(
      `${connector} task ${task.id}`,
      `${task.state}: ${causeOf(task.trace)}`,
      `repair the cause, then ${apply}, or curl -X POST '$CONNECT_URL/connectors/${connector}/restart?includeTasks=true'`,
    ),
  );
}

/** Connectors are registered and their tasks run. */
export const connectors: Check = {
  name: 'connectors',
  title: 'Connectors run',
  run: (context) =>
    onServer(
      'Kafka Connect',
      () => context.connect('/'),
      async () => {
        const captured = context.sides.filter(({ tables }) => tables.some((table) => table.captured));
        const findings = await Promise.all(
          captured.map(({ pipeline, side }) => inspect(context, pipeline.name, side.connector)),
        );
        return findings.flat();
      },
    ),
};
