import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa, ExecaError } from 'execa';

/** Alert rules, their tests and the dashboard's queries, as `promtool` judges them. */
const folder = import.meta.dirname;

const promtool = (...words: string[]) => execa('promtool', words, { stdio: 'inherit' });

/** The queries as rules: promtool reads no dashboard, and no variable of Grafana's. */
async function asRules(dashboard: string): Promise<string> {
  const { panels } = JSON.parse(await readFile(dashboard, 'utf8')) as {
    panels: { id: number; targets?: { refId: string; expr: string }[] }[];
  };
  const rules = panels.flatMap(({ id, targets = [] }) =>
    targets.map(({ refId, expr }) => ({
      record: `panel:${id}:${refId}`,
      expr: expr.replaceAll('$__rate_interval', '5m').replaceAll('$table', '.*'),
    })),
  );
  return JSON.stringify({ groups: [{ name: 'dashboard', rules }] });
}

const temporary = await mkdtemp(join(tmpdir(), 'tandem-prometheus-'));
try {
  const queries = join(temporary, 'dashboard.yaml');
  await writeFile(queries, await asRules(join(folder, '../grafana/tandem.json')));
  await promtool('check', 'rules', join(folder, 'alerts.yaml'));
  await promtool('test', 'rules', join(folder, 'alerts.test.yaml'));
  await promtool('check', 'rules', queries);
} catch (error) {
  if (!(error instanceof ExecaError)) throw error;
  if (error.code === 'ENOENT')
    console.error(
      'promtool is not on the PATH: it comes with Prometheus (Debian: apt-get install prometheus)',
    );
  process.exitCode = 1;
} finally {
  await rm(temporary, { recursive: true });
}
