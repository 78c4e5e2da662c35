import { expect, test } from '@jest/globals';
import kafkajs from 'kafkajs';
import { createKafka } from '../../src/ingest/kafka/client.ts';
import { readRecord } from '../../src/ingest/kafka/read-record.ts';
import { createLogger } from '../../src/observability/logger.ts';
import { kafkaConnection } from '../../src/process/config/kafka.ts';
import { loadSettings } from '../../src/process/config/settings.ts';
import { KafkaDeadLetterTopic } from '../../src/process/dead-letter-topic.ts';
import { kafkaAcls } from '../../src/process/kafka-acls.ts';
import type { KafkaAcl } from '../../src/process/kafka-acls.ts';
import { run } from '../../src/process/run.ts';
import { openBlog, testEnvironment } from '../support/blog-system.ts';
import { certificateFiles } from '../support/encrypted/certificates.ts';
import { certificateFolder, restrictedLogin } from '../support/encrypted/parts.ts';
import { testPort } from '../support/encrypted/addresses.ts';
import { testStack } from '../support/test-stack.ts';

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;
const log = createLogger({ level: 'silent' });

const entries = ({ resource, names, prefixed, operations }: KafkaAcl, principal: string) =>
  names.flatMap((resourceName) =>
    operations.map((operation) => ({
      resourceType: resource === 'topic' ? AclResourceTypes.TOPIC : AclResourceTypes.GROUP,
      resourceName,
      resourcePatternType: prefixed ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL,
      principal,
      host: '*',
      operation:
        AclOperationTypes[
          operation.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase() as keyof typeof AclOperationTypes
        ],
      permissionType: AclPermissionTypes.ALLOW,
    })),
  );

test('ingest and worker do their work with the ACLs printed for them, and can do nothing without', async () => {
  await using blog = await openBlog();
  const deadLetters = `dead-${blog.run}`;
  const environment = testEnvironment({
    KAFKA_BROKERS: `localhost:${testPort('KAFKA_LOGIN')}`,
    KAFKA_SSL: 'true',
    KAFKA_SSL_CA_FILE: certificateFiles(certificateFolder(testStack().folders.home)).authority,
    KAFKA_SASL_MECHANISM: 'plain',
    KAFKA_SASL_USERNAME: restrictedLogin.username,
    KAFKA_SASL_PASSWORD: restrictedLogin.password,

    DLQ_TOPIC: deadLetters,
  });
  const settings = loadSettings(environment);
  const restricted = createKafka({ ...kafkaConnection(settings), clientId: 'restricted' }, log);
  const printed = await kafkaAcls(blog.pipeline, settings, environment);
  const acls = printed.filter(({ role }) => role === 'ingest' || role === 'worker');
  const place = { topic: acls[0]!.names[0]!, partition: 0, offset: '0' };
  await expect(readRecord(restricted, place, 5000)).rejects.toMatchObject({ code: 'record_gone' });

  const principal = `User:${restrictedLogin.username}`;
  const admin = blog.kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: deadLetters }] });
  await admin.createAcls({ acl: acls.flatMap((acl) => entries(acl, principal)) });
  try {
    const running = await run({ environment, pipelines: [blog.pipeline], ingest: 'all', worker: true, log });
    try {
      const name = `acl_${blog.run}`;
      const values = [name, `${name}@example.com`];
      await blog.app('legacy', 'INSERT INTO legacy_users (username, email) VALUES ($1, $2)', values);
      await blog.see('revamp', 'SELECT id FROM revamp_users WHERE user_name = ?', [name]);
    } finally {
      await running.stop();
    }
    const written = new KafkaDeadLetterTopic(restricted, deadLetters);
    await written.send({ key: 'key', value: '{}', headers: {} });
    await written.close();
    const partitions = await admin.fetchTopicOffsets(place.topic);
    const { partition, low: offset } = partitions.find(({ high, low }) => high !== low)!;
    expect((await readRecord(restricted, { ...place, partition, offset })).offset).toBe(offset);
  } finally {
    await admin.deleteTopics({ topics: [deadLetters] });
    const any = {
      resourceType: AclResourceTypes.ANY,
      resourcePatternType: ResourcePatternTypes.ANY,
      operation: AclOperationTypes.ANY,
      permissionType: AclPermissionTypes.ANY,
    };
    await admin.deleteAcls({ filters: [{ ...any, principal }] });
    await admin.disconnect();
  }
});
