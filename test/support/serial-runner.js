import TestRunner from 'jest-runner';

/**
 * Tests that share servers run one after the other, each file in a process of its own: jest's module sandbox leaks, and
 * what runs late in one process takes several times as long.
 */
export default class extends TestRunner {
  constructor(globalConfig, context) {
    // In bytes; 1 would mean all of the memory.
    super({ ...globalConfig, maxWorkers: 1, workerIdleMemoryLimit: 2 }, context);
  }
}
