import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { packageRoot } from '../../../package-root.ts';
import { text } from '../variable.ts';
import type { Variable } from '../variable.ts';

const packageFile = z.object({ tandem: z.object({ pipelines: z.string() }) });
const { tandem: shipped } = packageFile.parse(
  JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')),
);

export const generalVariables = {
  pipelines: {
    name: 'TANDEM_PIPELINES',
    schema: text.list,
    default: shipped.pipelines,
    description:
      'Pipelines to run, separated by commas: folder names in `pipelines/`, or paths of pipeline modules, TypeScript or JavaScript.',
  },
  logLevel: {
    name: 'LOG_LEVEL',
    schema: text.oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
    default: 'info',
    description: 'Least severe log lines to write.',
  },
} as const satisfies Record<string, Variable>;
