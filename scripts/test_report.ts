/**
 * Prints the last line of a test run: `N passed, N failed, N skipped`.
 *
 * Usage: `deno run --allow-read scripts/test_report.ts EXIT_CODE`, with the exit
 * code of `deno task test`, which wrote the JUnit files {@linkcode REPORTS}. Ends
 * with 1 when a test failed, none ran, or a file is missing.
 *
 * @module
 */

/** Where the runs of `deno task test` report: those in parallel, and those alone. */
export const REPORTS = ["dist/junit.xml", "dist/junit_alone.xml"] as const;

/** How many tests ended how. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Counts the test cases of all JUnit reports. Without a failed test, a run that
 * failed counts as one failure, and so does a report that is missing: a module
 * that does not load is in no report.
 */
export function countTests(reports: readonly (string | undefined)[], exitCode: number): Counts {
  const cases = reports.join("").match(/<testcase\b[^>]*?(\/>|>[\s\S]*?<\/testcase>)/g) ?? [];
  const failures = cases.filter((text) => /<(failure|error)\b/.test(text)).length;
  const skipped = cases.filter((text) => /<skipped\b/.test(text)).length;
  const isBroken = exitCode !== 0 || reports.includes(undefined);
  const failed = failures === 0 && isBroken ? 1 : failures;
  return { passed: cases.length - failures - skipped, failed, skipped };
}

/** The line, without a line end. */
export function formatCounts({ passed, failed, skipped }: Counts): string {
  const rest = skipped === 0 ? "" : `, ${skipped} skipped`;
  return `${passed} passed, ${failed} failed${rest}`;
}

/** Whether tests ran and none failed. */
export function isGreen({ passed, failed }: Counts): boolean {
  return passed > 0 && failed === 0;
}

async function readReport(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.error(`Cannot read the test report: there is no ${path}`);
    return undefined;
  }
}

if (import.meta.main) {
  const reports = await Promise.all(REPORTS.map(readReport));
  const counts = countTests(reports, Number(Deno.args[0] ?? "0"));
  console.log(formatCounts(counts));
  Deno.exit(isGreen(counts) ? 0 : 1);
}
