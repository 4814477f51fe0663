/**
 * `troupe completions`: what a shell completes commands and flags by, from their table.
 *
 * @module
 */

import { quote } from "../../text/mod.ts";
import { type Command, COMMANDS } from "../commands.ts";
import { UsageError } from "../flags.ts";
import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import { type Shell, SHELLS } from "./shells.ts";
import { zshScript } from "./zsh.ts";

const SCRIPTS: Readonly<Record<Shell, (commands: readonly Command[]) => string>> = Object.freeze({
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
});

/**
 * The script for a shell.
 *
 * @throws {UsageError} If it is not one of {@linkcode SHELLS}.
 */
export function completionScript(name: string | undefined): string {
  const shell = SHELLS.find((each) => each === name);
  if (shell !== undefined) return SCRIPTS[shell](COMMANDS);
  const given = name === undefined ? "a shell" : quote(name);
  const why = name === undefined ? "none is named" : "it is not known";
  throw new UsageError(`Cannot complete for ${given}: ${why}, expected ${SHELLS.join(", ")}`);
}
