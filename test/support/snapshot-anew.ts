import { eventually } from './eventually.ts';

/** Makes a connector forget what it has read: it takes its snapshot anew, with what `work` writes while it stands still. */
export async function snapshotAnew(
  connectUrl: string,
  connector: string,
  work: () => Promise<void>,
): Promise<void> {
  const call = async (method: string, path = ''): Promise<Response> => {
    const response = await fetch(`${connectUrl}/connectors/${connector}${path}`, { method });
    if (!response.ok)
      throw new Error(`${method} ${path} answers ${response.status}: ${await response.text()}`);
    return response;
  };
  await call('PUT', '/stop');
  await eventually('the connector to stand still', async () => {
    const { connector: own, tasks } = (await (await call('GET', '/status')).json()) as {
      connector: { state: string };
      tasks: unknown[];
    };
    return own.state === 'STOPPED' && tasks.length === 0;
  });
  await call('DELETE', '/offsets');
  await work();
  await call('PUT', '/resume');
}
