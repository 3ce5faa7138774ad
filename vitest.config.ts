import process from 'node:process';
import { defineConfig } from 'vitest/config';
import { countReporter } from './scripts/countReporter.ts';

// The kinds of test run one after another, cheap ones first. Only unit tests run side by side: the others start media
// workers, phones and browsers, and measure what these do, so on two cores they would disturb one another.
export default defineConfig({
  test: {
    reporters: ['default', countReporter(process.env.ZONEBRIDGE_TEST_COUNT_FILE)],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          testTimeout: 30_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 30_000,
          hookTimeout: 30_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
