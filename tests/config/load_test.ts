import { join } from "node:path";
import { ConfigError, loadConfig, type LoadOptions, parseSetting } from "../../src/config/mod.ts";
import { assertEquals, assertRejects, assertStringIncludes } from "../helpers/assert.ts";

async function withFiles<T>(
  files: Readonly<Record<string, string>>,
  run: (directory: string) => Promise<T>,
): Promise<T> {
  const directory = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(join(directory, name), text);
    }
    return await run(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

function load(files: Readonly<Record<string, string>>, options: LoadOptions = {}) {
  return withFiles(files, (directory) => loadConfig({ directory, ...options }));
}

async function loadError(files: Readonly<Record<string, string>>, options: LoadOptions = {}) {
  return (await assertRejects(() => load(files, options), ConfigError)).message;
}

Deno.test("loadConfig() without a file is the embedded configuration", async () => {
  const { config, file } = await load({});
  assertEquals([file, Object.keys(config.endpoints)], [undefined, ["/ws", "/chat", "/topics"]]);
});

Deno.test("loadConfig() finds and reads each format", async () => {
  const files = {
    "troupe.json": '{ "listen": { "port": 1 } }',
    "troupe.jsonc": '\ufeff{ // where\n "listen": { "port": 1, }, }',
    "troupe.yaml": "listen:\n  port: 1\n",
  };
  for (const [name, text] of Object.entries(files)) {
    const { config, file } = await load({ [name]: text });
    assertEquals([file, config.listen.port], [name, 1]);
  }
});

Deno.test("loadConfig() takes an empty YAML file as an empty configuration", async () => {
  assertEquals((await load({ "troupe.yaml": "# nothing\n" })).config.listen.port, 8080);
});

Deno.test("loadConfig() lets flags win over environment over file over defaults", async () => {
  const file = '{"listen":{"port":1,"hostname":"127.0.0.2"},"log":{"level":"debug"}}';
  const { config } = await load({ "troupe.json": file }, {
    environment: { TROUPE_LISTEN_PORT: "2", TROUPE_LISTEN_HOSTNAME: "127.0.0.3" },
    assignments: [parseSetting("listen.port=3")],
  });
  assertEquals(
    [config.listen.port, config.listen.hostname, config.log.level, config.log.format],
    [3, "127.0.0.3", "debug", "auto"],
  );
});

Deno.test("loadConfig() gives the directory of the file as the start of relative paths", async () => {
  await withFiles({ "troupe.json": "{}" }, async (directory) => {
    const { baseDirectory } = await loadConfig({
      directory: "/",
      file: join(directory, "troupe.json"),
    });
    assertEquals(baseDirectory, directory);
  });
});

Deno.test("loadConfig() names the line and column of a syntax error", async () => {
  const cases: [string, string, string][] = [
    ["troupe.json", '{\n  "listen": }', 'line 2, column 13: unexpected token "}"'],
    ["troupe.json", '{ "listen": {\n', "line 2, column 1: unexpected end of file"],
    ["troupe.jsonc", '{ "a\u001b": 1 }', 'line 1, column 3: unexpected token ""a\\u001b""'],
    ["troupe.yaml", "a: 1\n b: 2\n", "line 2, column 3: bad indentation of a mapping entry"],
  ];
  for (const [name, text, expected] of cases) {
    assertEquals(await loadError({ [name]: text }), `Cannot read ${name}: ${expected}`);
  }
});

Deno.test("loadConfig() refuses a key that stands twice, at any depth and in every spelling", async () => {
  const cases: [string, string, string][] = [
    [
      "troupe.json",
      '{ "node": {},\n  "node": {} }',
      'line 2, column 3: the key "node" stands twice',
    ],
    [
      "troupe.json",
      '{ "listen": { "port": 1, "\\u0070ort": 2 } }',
      'column 26: the key "port" stands',
    ],
    [
      "troupe.jsonc",
      '{ "a": [{ "b": 1, /* b */ "b": 1, }], }',
      'column 27: the key "b" stands twice',
    ],
    ["troupe.yaml", 'node: {}\n"\\x6eode": {}\n', "line 2, column 1: duplicated key"],
    ["troupe.yaml", "listen:\n  port: 1\n  port: 2\n", "line 3, column 3: duplicated key"],
  ];
  for (const [name, text, expected] of cases) {
    assertStringIncludes(await loadError({ [name]: text }), expected, text);
  }
  const apart =
    '{ "processes": { "chat": { "behavior": "chat" } }, "endpoints": { "/a": { "pool": ["chat"] }, "/b": { "pool": ["chat"] } } }';
  await withFiles({ "troupe.json": apart }, async (directory) => {
    const { config } = await loadConfig({ directory });
    assertEquals(Object.keys(config.endpoints), ["/a", "/b"]);
  });
});

Deno.test("loadConfig() survives JSON nested 100 000 deep", async () => {
  assertEquals(
    await loadError({ "troupe.json": "[".repeat(100_000) + "]".repeat(100_000) }),
    "Cannot read troupe.json: it is nested too deeply",
  );
});

Deno.test("loadConfig() names a file that is missing, unreadable, of no format or ambiguous", async () => {
  assertEquals(
    await loadError({}, { file: "nowhere.json" }),
    "Cannot read nowhere.json: there is no such file",
  );
  assertEquals(
    await loadError({ "troupe.toml": "" }, { file: "troupe.toml" }),
    'Cannot read "troupe.toml": expected a name that ends in .json, .jsonc or .yaml',
  );
  assertEquals(
    await loadError({ "troupe.json": "{}", "troupe.yaml": "" }),
    "Cannot choose a configuration: troupe.json and troupe.yaml are both here, " +
      "expected one of them, or --config with a name",
  );
  assertEquals(
    (await loadError({}, { file: "\u001b[2J.json" })).includes("\u001b"),
    false,
  );
});

Deno.test("loadConfig() names the source of a bad value", async () => {
  const files = { "troupe.json": '{"drain":{"delay":"x"},"listen":{"port":1}}' };
  const message = await loadError(files, {
    environment: { TROUPE_LOG_LEVEL: "loud" },
    assignments: [parseSetting("listen.port=-1")],
  });
  assertEquals(message.split("\n").map((line) => line.split(" is ")[0]).toSorted(), [
    "Cannot use --set listen.port: listen.port",
    "Cannot use TROUPE_LOG_LEVEL: log.level",
    "Cannot use troupe.json: drain.delay",
  ]);
});

Deno.test("loadConfig() refuses __proto__ in every format", async () => {
  const files = {
    "troupe.json": '{"listen":{"__proto__":{"polluted":1}}}',
    "troupe.yaml": "listen:\n  __proto__:\n    polluted: 1\n",
  };
  for (const [name, text] of Object.entries(files)) {
    assertEquals(
      await loadError({ [name]: text }),
      `Cannot use ${name}: listen.__proto__ is refused as a key`,
    );
  }
  assertEquals(({} as { polluted?: number }).polluted, undefined);
});
