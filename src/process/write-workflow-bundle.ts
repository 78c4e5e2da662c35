import { writeFileSync } from 'node:fs';
import { bundleFile, bundleWorkflows, workflowsEntry } from './workflow-bundle.ts';

/** `npm run bundle`: keeps the workflows of this build as workers load them, so that none has to make them. */
const entry = workflowsEntry();
writeFileSync(bundleFile(entry), (await bundleWorkflows(entry)).code);
