import { assertEquals, assertStringIncludes } from "../helpers/assert.ts";
import { renderConfiguration } from "../../scripts/config_reference.ts";
import { REFERENCE_PAGES, withReference } from "../../scripts/references.ts";
import { renderCloseCodes } from "../../scripts/websocket_reference.ts";

/** A Markdown page without what aligns its tables. */
function unaligned(page: string): string {
  return page.replaceAll(/ +/g, " ").replaceAll(/-{3,}/g, "---");
}

for (const page of REFERENCE_PAGES) {
  const name = page.path.split(/[\\/]/).at(-1);
  Deno.test(`docs/${name} has the reference that the code gives`, async () => {
    const text = await Deno.readTextFile(page.path);
    const hint = "run: deno run -A scripts/references.ts";
    assertEquals(unaligned(text), unaligned(withReference(page, text)), hint);
  });
}

Deno.test("renderConfiguration() has key, values, default and meaning of each key", () => {
  const reference = unaligned(renderConfiguration());
  assertStringIncludes(
    reference,
    '| `maxMessageSize` | size | `"64KiB"` | Longest message; a longer one closes with 1009.',
  );
  assertStringIncludes(reference, '| `page` | yes, no, `auto` | `"auto"` |');
  assertStringIncludes(reference, "| `pool` | list | `[]` |");
});

Deno.test("renderCloseCodes() says which codes forbid to connect again", () => {
  const reference = renderCloseCodes();
  assertStringIncludes(reference, "| 4002 | slow consumer |");
  assertStringIncludes(reference, "allowed to do this | no |");
});
