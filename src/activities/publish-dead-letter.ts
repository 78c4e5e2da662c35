import { recordMessage, resolutionMessage } from '../temporal/dead-letter-record.ts';
import type { DeadLetterActivities } from '../temporal/messages.ts';
import { sealedMessage } from '../temporal/sealed.ts';
import type { ActivityDeps } from './deps.ts';

export function publishDeadLetterActivity(deps: ActivityDeps): DeadLetterActivities['publishDeadLetter'] {
  return async (input) =>
    deps.deadLetterTopic.send(
      await sealedMessage(deps.client.options.loadedDataConverter, recordMessage(input)),
    );
}

export function publishResolutionActivity(deps: ActivityDeps): DeadLetterActivities['publishResolution'] {
  return async ({ pipeline, resolution }) =>
    deps.deadLetterTopic.send(
      await sealedMessage(deps.client.options.loadedDataConverter, resolutionMessage(pipeline, resolution)),
    );
}
