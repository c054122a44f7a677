import { defineConfig } from 'vitest/config';

// Two projects: `unit` runs in milliseconds; `real` starts real brokers, in two files at a time: most of their time
// is waiting, for a session to expire or an outage to end, and more than two would starve one another of two cores.
export default defineConfig({
  test: {
    globalSetup: 'test/setup-temporary-folder.ts',
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts', 'contracts/**/*.test.ts'],
          exclude: ['test/integration/**', 'test/e2e/**'],
          maxWorkers: 2,
          sequence: { shuffle: true },
          // Only what hangs runs into it, on a busy machine, too.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'real',
          include: ['test/integration/**/*.test.ts', 'test/e2e/**/*.test.ts'],
          maxWorkers: 2,
          sequence: { shuffle: true, groupOrder: 1 },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
