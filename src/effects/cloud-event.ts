import type { Message } from './event-bus.ts';

/** Media type of `cloudEvent`'s JSON. */
export const cloudEventType = 'application/cloudevents+json';

/**
 * A message in the CloudEvents 1.0 envelope, with the attributes that Dapr's pub/sub gives its own. The event type is the
 * topic's name.
 */
export const cloudEvent = ({ topic, id, source, subject, time, data }: Message, pubsubName: string) => ({
  specversion: '1.0',
  id,
  source,
  type: topic,
  subject,
  time,
  datacontenttype: 'application/json',
  topic,
  pubsubname: pubsubName,
  data,
});
