import { alertVariables } from './variables/alerts.ts';
import { codecVariables } from './variables/codec.ts';
import { effectsVariables } from './variables/effects.ts';
import { generalVariables } from './variables/general.ts';
import { httpVariables } from './variables/http.ts';
import { kafkaVariables } from './variables/kafka.ts';
import { queueVariables } from './variables/queues.ts';
import { syncVariables } from './variables/sync.ts';
import { temporalVariables } from './variables/temporal.ts';
import { traceVariables } from './variables/traces.ts';
import type { Variable } from './variable.ts';

/** Every variable that is not named after a side. */
export const variables = {
  ...generalVariables,
  ...kafkaVariables,
  ...queueVariables,
  ...temporalVariables,
  ...effectsVariables,
  ...syncVariables,
  ...alertVariables,
  ...httpVariables,
  ...traceVariables,
  ...codecVariables,
};

/** The parts of the documentation, in its order. */
export const parts: readonly { title: string; variables: Readonly<Record<string, Variable>> }[] = [
  { title: 'General', variables: generalVariables },
  { title: 'Kafka and Kafka Connect', variables: kafkaVariables },
  { title: 'SQS', variables: queueVariables },
  { title: 'Temporal', variables: temporalVariables },
  { title: 'Event bus and cache', variables: effectsVariables },
  { title: 'Synchronising', variables: syncVariables },
  { title: 'Alerts', variables: alertVariables },
  { title: 'HTTP', variables: httpVariables },
  { title: 'Traces', variables: traceVariables },
  { title: 'Codec server', variables: codecVariables },
];
