import { ConfigError, parseSetting } from "../../src/config/mod.ts";
import {
  applyAssignments,
  configVariables,
  environmentLayer,
  parseKeyPath,
} from "../../src/config/sources.ts";
import { assert, assertEquals, assertThrows } from "../helpers/assert.ts";

Deno.test("parseKeyPath() splits at dots and takes brackets as errors show them", () => {
  assertEquals(parseKeyPath("listen.port"), ["listen", "port"]);
  assertEquals(parseKeyPath("endpoints./ws.engine"), ["endpoints", "/ws", "engine"]);
  assertEquals(parseKeyPath('endpoints["/v1.0"].engine'), ["endpoints", "/v1.0", "engine"]);
  for (const bad of ["", ".", ".a", "a..b", "a[", "a[1]", 'a["b"', "a."]) {
    assertEquals(parseKeyPath(bad), undefined, bad);
  }
});

Deno.test("parseSetting() takes JSON values, else text", () => {
  const values = ["a=1", "a=true", 'a=["x"]', "a=15s", "a=", "a=b=c"].map((text) =>
    parseSetting(text).value
  );
  assertEquals(values, [1, true, ["x"], "15s", "", "b=c"]);
});

Deno.test("parseSetting() names a setting of another form", () => {
  for (const bad of ["listen.port", "=1", "a..b=1"]) {
    const error = assertThrows(() => parseSetting(bad), ConfigError);
    assertEquals(error.message, `Cannot use --set "${bad}": expected --set path.to.key=value`);
  }
});

Deno.test("configVariables() has one for every key of a fixed path", () => {
  const variables = configVariables();
  assertEquals(variables.get("TROUPE_LISTEN_PORT"), ["listen", "port"]);
  assertEquals(variables.get("TROUPE_LISTEN_TRUST_PROXY"), ["listen", "trustProxy"]);
  assertEquals(variables.get("TROUPE_LISTEN_TLS_CERT"), ["listen", "tls", "cert"]);
  assert([...variables.keys()].every((name) => !name.includes("ENDPOINT")));
});

Deno.test("environmentLayer() warns of unknown variables, escaped, and skips empty ones", () => {
  const { assignments, warnings } = environmentLayer({
    TROUPE_LISTEN_PORT: "9000",
    TROUPE_LOG_LEVEL: "",
    "TROUPE_LISTEN_PROT\n": "1",
    OTHER: "x",
  });
  assertEquals(assignments, [
    { path: ["listen", "port"], value: 9000, source: "TROUPE_LISTEN_PORT" },
  ]);
  assertEquals(warnings, [
    "Environment variable TROUPE_LISTEN_PROT\\n is not known and not used; " +
    "the nearest is TROUPE_LISTEN_PORT",
  ]);
});

Deno.test("applyAssignments() lets the later win, fills every endpoint, and knows the source", () => {
  const root = { endpoints: { "/a": {}, "/b": { engine: "auto" } } };
  const { root: result, sourceOf } = applyAssignments(root, [
    { path: ["listen", "port"], value: 1, source: "TROUPE_LISTEN_PORT" },
    { path: ["endpoints", "*", "engine"], value: "native", source: "--engine" },
    { path: ["listen", "port"], value: 2, source: "--port" },
  ], "troupe.json");
  assertEquals(result, {
    endpoints: { "/a": { engine: "native" }, "/b": { engine: "native" } },
    listen: { port: 2 },
  });
  assertEquals(root, { endpoints: { "/a": {}, "/b": { engine: "auto" } } });
  assertEquals(sourceOf(["listen", "port"]), "--port");
  assertEquals(sourceOf(["endpoints", "/b", "engine"]), "--engine");
  assertEquals(sourceOf(["endpoints", "/b", "pool"]), "troupe.json");
  assertEquals(sourceOf(["listen"]), "TROUPE_LISTEN_PORT");
});

Deno.test("applyAssignments() refuses __proto__ and leaves prototypes alone", () => {
  const setting = parseSetting("__proto__.polluted=true");
  assertThrows(() => applyAssignments({}, [setting], "x"), ConfigError, "refused as a key");
  assertEquals(({} as { polluted?: boolean }).polluted, undefined);
});
