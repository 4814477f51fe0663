import { assertEquals } from "../helpers/assert.ts";
import { chooseEngine, exposedEndpoints, parseConfig } from "../../src/server/mod.ts";

Deno.test("chooseEngine() gives native for auto and says where it is exposed", () => {
  assertEquals(chooseEngine("auto", "127.0.0.1"), { engine: "native", exposed: false });
  assertEquals(chooseEngine("auto", "0.0.0.0"), { engine: "native", exposed: true });
  assertEquals(chooseEngine("native", "::"), { engine: "native", exposed: true });
});

Deno.test("exposedEndpoints() names the endpoints of a public address only", () => {
  assertEquals(exposedEndpoints(parseConfig({ listen: { hostname: "0.0.0.0" } })), ["/ws"]);
  assertEquals(exposedEndpoints(parseConfig({})), []);
});
