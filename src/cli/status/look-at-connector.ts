import { inspection, openInspection } from '../../database/inspector.ts';
import type { LogRetention } from '../../database/log-retention.ts';
import type { ConnectRest } from '../../process/connectors/connect-rest.ts';
import { observe } from '../../process/connectors/watch.ts';
import type { SideSettings } from '../../process/config/sides.ts';
import type { ConnectorLook } from './report.ts';

export async function lookAtConnector(rest: ConnectRest, name: string): Promise<ConnectorLook> {
  const status = await rest.status(name);
  const { state, cause } = observe(name, null, { status, offset: null }, Date.now());
  return {
    name,
    state,
    tasks: status?.tasks.map((task) => ({ id: task.id, state: task.state })) ?? [],
    cause,
  };
}

/** Whether a side's database still has the log its connector needs; asks Kafka Connect and then the database. */
export async function lookAtLog(
  rest: ConnectRest,
  connector: string,
  { engine, databaseUrl }: SideSettings,
): Promise<LogRetention> {
  const config = await rest.config(connector);
  const [offset = null] = await rest.offsets(connector);
  const connection = await openInspection(engine, databaseUrl);
  try {
    return await inspection(engine).inspectRetention(connection, { config, offset });
  } finally {
    await connection.close();
  }
}
