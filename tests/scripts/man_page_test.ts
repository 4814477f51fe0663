import { COMMANDS } from "../../src/cli/commands.ts";
import { manPage } from "../../scripts/man_page.ts";
import { assertEquals, assertStringIncludes } from "../helpers/assert.ts";
import { debianProgram, testWith } from "../helpers/needs.ts";

async function mandoc(executable: string, args: readonly string[], page: string): Promise<string> {
  const command = new Deno.Command(executable, {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
  const child = command.spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(page));
  await writer.close();
  const { stdout, stderr } = await child.output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

const PAGE = manPage(COMMANDS, "1.2.3", new Date("2026-11-07T00:00:00Z"));

testWith(debianProgram("mandoc"), "manPage() is a page without a warning", async (executable) => {
  assertEquals(await mandoc(executable, ["-T", "lint", "-W", "warning"], PAGE), "");
});

testWith(
  debianProgram("mandoc"),
  "manPage() tells of every command and flag",
  async (executable) => {
    const printed = await mandoc(executable, ["-T", "ascii", "-O", "width=1000"], PAGE);
    // deno-lint-ignore no-control-regex
    const text = printed.replaceAll(/.\x08/g, "");
    for (const { usage, summary, flags } of COMMANDS) {
      assertStringIncludes(text, `troupe ${usage}\n`);
      assertStringIncludes(text, summary);
      for (const { name, alias, value, help } of flags) {
        const short = alias === undefined ? "" : `-${alias}, `;
        const taken = value === undefined ? "" : ` ${value}`;
        assertStringIncludes(text, `${short}--${name}${taken}`);
        assertStringIncludes(text.replaceAll(/\s+/g, " "), help);
      }
    }
    assertStringIncludes(text, "November 7, 2026");
  },
);
