import {
  allHandlersFinished,
  CancellationScope,
  condition,
  defineQuery,
  defineUpdate,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  sleep,
} from '@temporalio/workflow';
import { queryNames, updateNames } from '../temporal/names.ts';
import { pauseDetails } from '../temporal/pause-details.ts';
import type { PauseActivities, PauseInput, PauseStatus, Resumed } from '../temporal/pause.ts';
import { subjectFacts } from '../temporal/subject.ts';
import { oneTry } from '../temporal/timeouts.ts';

const { announcePause } = proxyActivities<PauseActivities>({
  ...oneTry,
  retry: { initialInterval: '500ms', maximumInterval: '10s' },
  summary: 'tell log and metrics',
});

/** Before the first trial, and between it and the second, milliseconds; then it doubles. */
const firstTrialMs = 2000;

const resumeUpdate = defineUpdate<PauseStatus, [string]>(updateNames.resume);
const statusQuery = defineQuery<PauseStatus>(queryNames.status);

/**
 * What is open of these is what is paused; no worker is needed to know. It ends by the update `resume`, by a trial that
 * shows that the cause is gone, or by cancellation. The trial is one activity that Temporal tries on, so the history
 * stays small however long the pause lasts.
 */
export async function pause(input: PauseInput): Promise<PauseStatus> {
  const { pipeline, scope, reason, text, signature, epoch, sample } = input;
  const status: PauseStatus = {
    pipeline,
    scope,
    reason,
    text,
    signature,
    epoch,
    since: now(),
    trialEvent: sample && subjectFacts(sample).eventId,
    resumed: null,
  };
  const resume = (by: Resumed['by'], why: string) => {
    status.resumed ??= { by, text: why, at: now() };
  };
  setHandler(statusQuery, () => status);
  setHandler(
    resumeUpdate,
    (why) => {
      resume('operator', why);
      return status;
    },
    {
      description: 'Ends the pause: a text that says why',
      validator: (why) => {
        if (typeof why !== 'string') throw new Error('say why it is resumed');
      },
    },
  );
  setCurrentDetails(pauseDetails(status));
  await untilResumed(input, status, resume);
  setCurrentDetails(pauseDetails(status));
  await CancellationScope.nonCancellable(async () => {
    await announcePause({ status });
    await condition(allHandlersFinished);
  });
  return status;
}

type Resume = (by: Resumed['by'], why: string) => void;

async function untilResumed(input: PauseInput, status: PauseStatus, resume: Resume): Promise<void> {
  const scope = new CancellationScope();
  // Where trials end in an error nobody foresaw, only a command resumes.
  const trials = scope.run(() => makeTrials(input, status, resume)).catch(() => {});
  try {
    await condition(() => status.resumed !== null);
  } catch (error) {
    if (!isCancellation(error)) throw error;
    resume('cancellation', 'the workflow was cancelled');
  }
  scope.cancel();
  await trials;
}

async function makeTrials(
  { pipeline, sample, signature, trialMaxMs }: PauseInput,
  status: PauseStatus,
  resume: Resume,
): Promise<void> {
  await announcePause({ status });
  if (sample === null || signature === null) return;
  const { tryPaused } = proxyActivities<PauseActivities>({
    ...oneTry,
    retry: {
      initialInterval: Math.min(firstTrialMs, trialMaxMs),
      maximumInterval: trialMaxMs,
      backoffCoefficient: 2,
    },
    summary: 'try one of its events',
  });
  await sleep(Math.min(firstTrialMs, trialMaxMs), { summary: 'before the first trial' });
  resume('trial', await tryPaused({ pipeline, subject: sample, signature }));
}

const now = () => new Date().toISOString();
