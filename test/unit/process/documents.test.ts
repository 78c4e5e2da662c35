import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { metricsPage } from '../../../src/observability/metrics-page.ts';
import { packageRoot } from '../../../src/package-root.ts';
import { configurationPage, environmentExample } from '../../../src/process/config/documents.ts';
import { sidePrefix } from '../../../src/process/config/sides.ts';
import { variables } from '../../../src/process/config/variables.ts';
import { loadPipelines } from '../../../src/process/pipelines.ts';

const written = (name: string) => readFileSync(join(packageRoot, name), 'utf8');

test('docs/configuration.md is what `npm run docs:config` writes', () => {
  expect(written('docs/configuration.md')).toBe(configurationPage());
});

test('docs/metrics.md is what `npm run docs:config` writes', () => {
  expect(written('docs/metrics.md')).toBe(metricsPage());
});

test('.env.example is what `npm run docs:config` writes', async () => {
  const pipelines = await loadPipelines(variables.pipelines.schema.parse(variables.pipelines.default));
  const sides = pipelines.flatMap((pipeline) => [...pipeline.sides.values()]);
  expect(written('.env.example')).toBe(
    environmentExample(sides.map(({ name, engine }) => [sidePrefix(name), engine])),
  );
});

test('every default is a valid value of its variable', () => {
  for (const variable of Object.values(variables))
    if ('default' in variable) expect(() => variable.schema.parse(variable.default)).not.toThrow();
});

test('every variable is documented, by both of its names', () => {
  const page = configurationPage();
  for (const variable of Object.values(variables)) {
    expect(page).toContain(`\`${variable.name}\``);
    if ('alias' in variable) expect(page).toContain(`\`${variable.alias}\``);
  }
});
