import TestSequencer from '@jest/test-sequencer';

const order = ['unit', 'simulation', 'workflow', 'database', 'stack', 'e2e', 'chaos', 'drills'];
const rank = ({ context, path }) => [order.indexOf(context.config.displayName.name), path];

/** Without servers first, so that they run while little is loaded; then always in the same order. */
export default class extends TestSequencer {
  sort(tests) {
    return tests.toSorted((a, b) => {
      const [[project, path], [otherProject, otherPath]] = [rank(a), rank(b)];
      return project - otherProject || (path < otherPath ? -1 : 1);
    });
  }
}
