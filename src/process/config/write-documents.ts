import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { metricsPage } from '../../observability/metrics-page.ts';
import { packageRoot } from '../../package-root.ts';
import { loadPipelines } from '../pipelines.ts';
import { configurationPage, environmentExample } from './documents.ts';
import { sidePrefix } from './sides.ts';
import { variables } from './variables.ts';

const shipped = await loadPipelines(variables.pipelines.schema.parse(variables.pipelines.default));
const sides = shipped.flatMap((pipeline) => [...pipeline.sides.values()]);

writeFileSync(join(packageRoot, 'docs', 'configuration.md'), configurationPage());
writeFileSync(join(packageRoot, 'docs', 'metrics.md'), metricsPage());
writeFileSync(
  join(packageRoot, '.env.example'),
  environmentExample(sides.map(({ name, engine }) => [sidePrefix(name), engine])),
);
