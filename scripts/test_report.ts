/**
 * Prints the last line of a test run: `N passed, N failed, N skipped`.
 *
 * Usage: `deno run --allow-read scripts/test_report.ts REPORT EXIT_CODE`, with
 * the JUnit file that `deno test` wrote and the exit code it ended with. Ends
 * with 1 when a test failed or none ran.
 *
 * @module
 */

/** How many tests ended how. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Counts the test cases of a JUnit report. A run that failed without a failed
 * test counts as one failure: a module that does not load is not in the report.
 */
export function countTests(xml: string, exitCode: number): Counts {
  const cases = xml.match(/<testcase\b[^>]*?(\/>|>[\s\S]*?<\/testcase>)/g) ?? [];
  const failures = cases.filter((text) => /<(failure|error)\b/.test(text)).length;
  const skipped = cases.filter((text) => /<skipped\b/.test(text)).length;
  const failed = failures === 0 && exitCode !== 0 ? 1 : failures;
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

async function readReport(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.error(`Cannot read the test report: there is no ${path}`);
    return "";
  }
}

if (import.meta.main) {
  const [path = "dist/junit.xml", exitCode = "0"] = Deno.args;
  const counts = countTests(await readReport(path), Number(exitCode));
  console.log(formatCounts(counts));
  Deno.exit(isGreen(counts) ? 0 : 1);
}
