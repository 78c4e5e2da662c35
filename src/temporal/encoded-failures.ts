import { DefaultFailureConverter } from '@temporalio/common';

/** Messages and stacks of failures as payloads, so that codecs see them. The SDK loads this module by its path. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
