/**
 * What git says of the sources.
 *
 * @module
 */

/** What git answers in a checkout; `undefined` without git or a repository. */
async function ask(root: string, ...args: string[]): Promise<string | undefined> {
  try {
    const command = new Deno.Command("git", { args, cwd: root, stdin: "null" });
    const { success, stdout } = await command.output();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch {
    return undefined;
  }
}

/** The commit of the checkout, with `-dirty` if files were changed; `unknown` where nobody knows. */
export async function commitOf(root: string): Promise<string> {
  // A copy of the sources within somebody else's repository has no commit of its own.
  if (await ask(root, "rev-parse", "--show-prefix") !== "") return "unknown";
  const commit = await ask(root, "rev-parse", "HEAD");
  if (commit === undefined) return "unknown";
  return await ask(root, "status", "--porcelain") === "" ? commit : `${commit}-dirty`;
}
