import { expect, test } from '@jest/globals';
import * as workflows from '../../../src/workflows/index.ts';
import {
  backfillId,
  jobId,
  jobPrefix,
  pollId,
  batchId,
  alertId,
  deadLetterId,
  housekeepingId,
  queryNames,
  searchAttributes,
  signalNames,
  taskQueue,
  updateNames,
  verifyId,
  workflowTypes,
} from '../../../src/temporal/names.ts';

test('names that outlive a deployment stay as they are', () => {
  expect(taskQueue('blog')).toBe('tandem/blog');
  expect(batchId('e', 'h')).toBe('batch/e/h');
  expect(deadLetterId('e')).toBe('dead-letter/e');
  expect(alertId('blog', 'data/users')).toBe('alert/blog/data/users');
  expect(housekeepingId('blog')).toBe('housekeeping/blog');
  expect(backfillId('blog')).toBe('backfill/blog');
  expect(verifyId('blog')).toBe('verify/blog');
  expect(pollId('blog', 'legacy')).toBe('poll/blog/legacy');
  expect(jobPrefix('blog')).toBe('job/blog/');
  expect(jobId('blog', 'count')).toBe('job/blog/count');
  expect(workflowTypes).toEqual({
    syncChange: 'syncChange',
    syncBatch: 'syncBatch',
    deadLetter: 'deadLetter',
    pause: 'pause',
    housekeeping: 'housekeeping',
    backfill: 'backfill',
    verify: 'verify',
    poll: 'poll',
    job: 'job',
    alert: 'alert',
  });
  expect(queryNames).toEqual({ status: 'status', outcome: 'outcome', row: 'row' });
  expect(updateNames).toEqual({
    retry: 'retry',
    discard: 'discard',
    edit: 'edit',
    decide: 'decide',
    look: 'look',
    pause: 'pause',
    resume: 'resume',
  });
  expect(signalNames).toEqual({
    failed: 'failed',
    resolved: 'resolved',
    conflict: 'conflict',
    wake: 'wake',
    raised: 'raised',
  });
  expect(searchAttributes).toEqual([
    'TandemPipeline',
    'TandemEntity',
    'TandemOperation',
    'TandemSide',
    'TandemOutcome',
    'TandemErrorClass',
    'TandemErrorSignature',
  ]);
});

test('every workflow type is exported under its name', () => {
  expect(Object.keys(workflows).toSorted()).toEqual(Object.values(workflowTypes).toSorted());
});
