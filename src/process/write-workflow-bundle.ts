import { writeFileSync } from 'node:fs';
import { failureConverterPath } from '../temporal/data-converter.ts';
import { bundleFile, bundleWorkflows, workflowsEntry } from './workflow-bundle.ts';

/** `npm run bundle`: keeps the workflows of this build as workers load them, so that none has to make them. */
const entry = workflowsEntry();
for (const failures of [undefined, failureConverterPath()])
  writeFileSync(bundleFile(entry, failures), (await bundleWorkflows(entry, failures)).code);
