/**
 * The executable: hands its arguments to the command line.
 *
 * @module
 */

import { runCli } from "./src/cli/mod.ts";

if (import.meta.main) Deno.exit(await runCli(Deno.args));
