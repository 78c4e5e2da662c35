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

const project = (displayName) => ({
  ...shared,
  displayName,
  testMatch: [`<rootDir>/test/${displayName}/**/*.test.ts`],
});

/** One project per kind of test; `unit` needs no server. */
export default {
  projects: ['unit', 'workflow', 'database', 'stack', 'e2e', 'chaos'].map(project),
  testTimeout: 120_000,
};
