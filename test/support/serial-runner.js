import TestRunner from 'jest-runner';

/**
 * Tests that share servers run one after the other, each file in a process of its own: jest's module sandbox leaks, and
 * what runs late in one process takes several times as long.
 */
export default class extends TestRunner {
  constructor(globalConfig, context) {
    super({ ...globalConfig, maxWorkers: 1, workerIdleMemoryLimit: 1 }, context);
  }
}
