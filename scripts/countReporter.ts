import { writeFileSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';

/** What a run came to. A file that could not be loaded and an error outside every test count as one failure each. */
export interface TestCount {
  readonly passed: number;
  readonly failed: number;
}

export function countTests(modules: readonly TestModule[], errorsOutsideTests: number): TestCount {
  let passed = 0;
  let failed = errorsOutsideTests;
  for (const module of modules) {
    const states = [...module.children.allTests()].map((test) => test.result().state);
    const failedHere = states.filter((state) => state === 'failed').length;
    passed += states.filter((state) => state === 'passed').length;
    failed += failedHere === 0 && module.state() === 'failed' ? 1 : failedHere;
  }
  return { passed, failed };
}

/** Vitest reporter that ends a run with the line `N passed, N failed`, and writes it to the given file as well. */
export function countReporter(file: string | undefined): Reporter {
  return {
    onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
      const { passed, failed } = countTests(modules, errors.length);
      const line = `${passed} passed, ${failed} failed\n`;
      process.stdout.write(line);
      if (file !== undefined) writeFileSync(file, line);
    },
  };
}
