import { recordMessage, resolutionMessage } from '../temporal/dead-letter-record.ts';
import type { DeadLetterActivities } from '../temporal/messages.ts';
import type { ActivityDeps } from './deps.ts';

export function publishDeadLetterActivity(deps: ActivityDeps): DeadLetterActivities['publishDeadLetter'] {
  return (input) => deps.deadLetterTopic.send(recordMessage(input));
}

export function publishResolutionActivity(deps: ActivityDeps): DeadLetterActivities['publishResolution'] {
  return ({ pipeline, resolution }) => deps.deadLetterTopic.send(resolutionMessage(pipeline, resolution));
}
