import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { packageRoot } from '../../../src/package-root.ts';

interface Rule {
  'rule-type': string;
  'rule-id': string;
  'rule-name': string;
  'object-locator': object;
  'mapping-parameters'?: object;
}

interface Settings {
  BeforeImageSettings: object;
  ErrorBehavior: Record<string, unknown>;
}

interface Template {
  Parameters: Record<string, { Default?: string | number }>;
  Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
}

const folder = join(packageRoot, 'deploy/aws');
const text = (name: string) => readFileSync(join(folder, name), 'utf8');
/** Short forms of functions (`!Ref`, `!Sub`, …) are read as their arguments. */
const template = (name: string) => parse(text(name), { logLevel: 'error' }) as Template;

const capture = template('capture.yaml');
const queue = template('queue.yaml');
const property = ({ Resources }: Template, resource: string, name: string) =>
  Resources[resource]?.Properties[name];

/** JSON of a property of the task, with the defaults of its parameters. */
const taskJson = (name: string): unknown =>
  JSON.parse(
    (property(capture, 'Task', name) as string).replaceAll(/\$\{(\w+)\}/g, (_, parameter: string) =>
      String(capture.Parameters[parameter]?.Default ?? parameter),
    ),
  );
const settings = taskJson('ReplicationTaskSettings') as Settings;
const { rules } = taskJson('TableMappings') as { rules: Rule[] };

test('DMS writes what a change record must have', () => {
  expect(property(capture, 'Target', 'KinesisSettings')).toMatchObject({
    MessageFormat: 'json',
    IncludeTransactionDetails: true,
    IncludeNullAndEmpty: true,
    IncludeControlDetails: true,
  });
  expect(settings.BeforeImageSettings).toEqual({
    EnableBeforeImage: true,
    FieldName: 'before-image',
    ColumnFilter: 'all',
  });
  expect(property(capture, 'Task', 'MigrationType')).toBe('full-load-and-cdc');
});

test('the task stops at an error rather than leaving a record or a table out', () => {
  const policies = Object.entries(settings.ErrorBehavior).filter(([name]) => name.endsWith('Policy'));
  expect(policies.length).toBeGreaterThan(0);
  expect(policies.filter(([, policy]) => policy !== 'STOP_TASK')).toEqual([]);
  expect(settings.ErrorBehavior).toMatchObject({
    FailOnNoTablesCaptured: true,
    RecoverableErrorCount: -1,
    RecoverableErrorStopRetryAfterThrottlingMax: false,
  });
});

test('every selected table goes by the key of its rows', () => {
  const of = (type: string) => rules.filter((rule) => rule['rule-type'] === type);
  const located = (type: string) => of(type).map((rule) => rule['object-locator']);
  expect(located('selection').length).toBeGreaterThan(0);
  expect(located('object-mapping')).toEqual(located('selection'));
  for (const rule of of('object-mapping'))
    expect(rule['mapping-parameters']).toEqual({ 'partition-key-type': 'primary-key' });
  for (const name of ['rule-id', 'rule-name'] as const)
    expect(new Set(rules.map((rule) => rule[name])).size).toBe(rules.length);
});

test('the pipe passes the record alone, and gives none up', () => {
  expect(property(queue, 'Pipe', 'TargetParameters')).toEqual({ InputTemplate: '<$.data>' });
  expect(property(queue, 'Pipe', 'SourceParameters')).toMatchObject({
    KinesisStreamParameters: {
      StartingPosition: 'TRIM_HORIZON',
      MaximumRecordAgeInSeconds: -1,
      MaximumRetryAttempts: 'PipeRetries',
    },
  });
  expect(queue.Parameters['PipeRetries']?.Default).toBe(-1);
});

test('Tandem may do with the queue what it does, and no more', () => {
  const { Statement } = property(queue, 'TandemPolicy', 'PolicyDocument') as {
    Statement: { Action: string | string[] }[];
  };
  expect(Statement.flatMap(({ Action }) => Action).toSorted()).toEqual([
    'kms:Decrypt',
    'sqs:ChangeMessageVisibility',
    'sqs:DeleteMessage',
    'sqs:GetQueueAttributes',
    'sqs:ReceiveMessage',
  ]);
});

test('what one template takes from another is there', () => {
  const all = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  const named = (pattern: RegExp) =>
    new Set(all.flatMap((name) => [...text(name).matchAll(pattern)].map(([, value]) => value!)));
  const exported = named(/Export: \{ Name: !Sub '([^']+)' \}/g);
  const taken = named(/Fn::ImportValue: !Sub '?([^'\s\]]+)'?/g);
  expect(taken.size).toBeGreaterThan(0);
  expect([...taken].filter((name) => !exported.has(name))).toEqual([]);
});

test('the README has a first step for every alarm', () => {
  const alarms = Object.values(template('alarms.yaml').Resources)
    .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
    .map(({ Properties }) => String(Properties['AlarmName']).replace('${Name}-', ''));
  expect(alarms.length).toBeGreaterThan(0);
  const readme = text('README.md');
  expect(alarms.filter((name) => !readme.includes(`\n| \`${name}\` `))).toEqual([]);
});
