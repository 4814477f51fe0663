import { parseConfig } from "../../src/config/mod.ts";
import { createHandler, HANDLER_DEFAULTS, LIVE_OPTIONS } from "../../src/websocket/mod.ts";
import { CONFIGURED_OPTIONS, OPTION_ROWS } from "../../src/websocket/option_table.ts";
import { resolveOptions } from "../../src/websocket/options.ts";
import { assert, assertEquals, assertThrows } from "../helpers/assert.ts";

const SOURCE = new URL("../../src/websocket/option_types.ts", import.meta.url);

Deno.test("every default is one that its own row accepts, and the one that the doc tells", async () => {
  resolveOptions(HANDLER_DEFAULTS);
  const source = await Deno.readTextFile(SOURCE);
  for (const [name, { default: value }] of OPTION_ROWS) {
    const doc = source.match(new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\s+readonly ${name}\\?:`))
      ?.[1];
    assert(doc !== undefined, `${name} has no doc`);
    if (typeof value !== "number") continue;
    const said = doc.match(/Default:? (\d[\d ]*)/)?.[1]?.replaceAll(" ", "");
    assertEquals(said, String(value), `the doc of ${name}`);
  }
});

Deno.test("an endpoint that says nothing has the default of each row, under its option's name", () => {
  const { endpoints } = parseConfig({
    processes: { p: { behavior: "echo" } },
    endpoints: { "/ws": { pool: ["p"] } },
  });
  const endpoint: Readonly<Record<string, unknown>> = { ...endpoints["/ws"] };
  for (const name of CONFIGURED_OPTIONS) {
    const expected = name === "pool" ? ["p"] : HANDLER_DEFAULTS[name];
    assertEquals(endpoint[name], expected, name);
  }
});

Deno.test("a handler reconfigures exactly the live options", () => {
  for (const [name, { live }] of OPTION_ROWS) {
    const handler = createHandler();
    const reconfigure = () => handler.reconfigure({ [name]: undefined });
    if (live) reconfigure();
    else assertThrows(reconfigure, TypeError, `"${name}" is no option`);
    assertEquals((LIVE_OPTIONS as readonly string[]).includes(name), live === true, name);
  }
});

Deno.test("a configuration refuses what is out of the range of a row, naming the key", () => {
  for (const [name, { kind, least, key }] of OPTION_ROWS) {
    if (least === undefined) continue;
    assertThrows(() => resolveOptions({ [name]: least - 1 }), Error, `${least - 1}`);
    // An option may have no key of its own.
    if (key === undefined) continue;
    const beyond = kind === "duration" ? [2_147_483_648] : [];
    for (const value of [least - 1, ...beyond]) {
      const root = {
        processes: { p: { behavior: "echo" } },
        endpoints: { "/ws": { pool: ["p"], [key]: value } },
      };
      assertThrows(() => parseConfig(root, () => "troupe.json"), Error, `.${key} is ${value}`);
    }
  }
});
