const shared = {
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.stack'],
};

const project = (displayName, servers = {}) => ({
  ...shared,
  displayName,
  testMatch: [`<rootDir>/test/${displayName}/**/*.test.ts`],
  ...servers,
});

const servers = (start) => ({
  runner: '<rootDir>/test/support/serial-runner.js',
  globalSetup: `<rootDir>/test/support/${start}.js`,
  globalTeardown: '<rootDir>/test/support/servers.js',
});

/** One project per kind of test; those with servers bring up what they need of the test stack. */
export default {
  projects: [
    project('unit'),
    project('simulation'),
    project('workflow'),
    project('database', servers('start-databases')),
    project('stack', { runner: '<rootDir>/test/support/serial-runner.js' }),
    project('e2e', servers('start-everything')),
    project('chaos', servers('start-everything')),
    project('drills', { runner: '<rootDir>/test/support/serial-runner.js' }),
  ],
  testSequencer: '<rootDir>/test/support/sequencer.js',
  testTimeout: 120_000,
};
