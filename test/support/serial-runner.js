import TestRunner from 'jest-runner';

/** Tests that share servers run one after the other, in the process that started them. */
export default class extends TestRunner {
  isSerial = true;
}
