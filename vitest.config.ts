import { defineConfig } from 'vitest/config';

// Two projects: `unit` runs in parallel in milliseconds; `real` starts real brokers and runs one file at a time,
// so that two Java processes never compete for two cores.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts', 'contracts/**/*.test.ts'],
          exclude: ['test/integration/**', 'test/e2e/**'],
          sequence: { shuffle: true },
        },
      },
      {
        test: {
          name: 'real',
          include: ['test/integration/**/*.test.ts', 'test/e2e/**/*.test.ts'],
          fileParallelism: false,
          sequence: { shuffle: true, groupOrder: 1 },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
