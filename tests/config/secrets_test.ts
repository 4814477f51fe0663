import { join } from "node:path";
import { assertEquals, assertRejects } from "../helpers/assert.ts";
import { problemsOfIssue } from "../../src/config/problems.ts";
import { Secret, secret } from "../../src/config/secrets.ts";
import { ConfigError } from "../../src/config/mod.ts";
import { object } from "../../src/config/leaves.ts";

const KEY = ["cluster", "nats", "token"];
const HIDDEN = "hunter2-hunter2";

Deno.test("a secret is the text, a variable, or a file without its last end of line", async () => {
  const baseDirectory = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(baseDirectory, "token"), `first\r\n${HIDDEN}\r\n`);
    const sources = { baseDirectory, environment: { TOKEN: HIDDEN, EMPTY: "" } };
    const reveal = (text: string) => Secret.parse(text)!.reveal(KEY, sources);
    assertEquals(await reveal(HIDDEN), HIDDEN);
    assertEquals(await reveal("env:TOKEN"), HIDDEN);
    assertEquals(await reveal("file:token"), `first\r\n${HIDDEN}`);
    assertEquals(await reveal(`file:${join(baseDirectory, "token")}`), `first\r\n${HIDDEN}`);
    for (
      const [text, why] of [
        ["env:ABSENT", 'environment variable "ABSENT" is not set'],
        ["env:toString", 'environment variable "toString" is not set'],
        ["env:EMPTY", 'environment variable "EMPTY" is empty, expected a secret'],
        ["file:absent", 'file "absent" does not exist'],
        ["file:.", 'file "." cannot be read'],
      ] as const
    ) {
      await assertRejects(
        () => reveal(text),
        ConfigError,
        `Cannot use cluster.nats.token: ${why}`,
      );
    }
  } finally {
    await Deno.remove(baseDirectory, { recursive: true });
  }
});

Deno.test("a secret is shown nowhere, and two that differ are not the same", () => {
  const one = Secret.parse(HIDDEN)!;
  const shown = [String(one), `${one}`, JSON.stringify({ one }), Deno.inspect({ one })];
  shown.push(JSON.stringify(Object.entries(one)), JSON.stringify(structuredClone(one)));
  assertEquals(shown.filter((text) => text.includes("hunter2")), []);
  assertEquals(one.fingerprint === Secret.parse(HIDDEN)!.fingerprint, true);
  assertEquals(one.fingerprint === Secret.parse("env:TOKEN")!.fingerprint, false);
});

Deno.test("what stands in the place of a secret is not shown by its error", () => {
  const schema = object({ nkey: secret(), users: object({ token: secret() }).array() });
  for (
    const given of ["", "env:", "env:A B", "file:", 271_828, { hidden: 271_828 }, [HIDDEN], null]
  ) {
    const root = { nkey: given, users: [{ token: given }] };
    const { error } = schema.safeParse(root);
    const texts = error!.issues.flatMap((issue) => problemsOfIssue(issue, root));
    assertEquals(texts.map(({ path }) => path.join(".")), ["nkey", "users.0.token"]);
    for (const { text } of texts) {
      assertEquals(
        text,
        'is "***", expected a secret: "env:NAME" of an environment variable, "file:PATH" relative ' +
          "to this file, or the text itself",
      );
    }
  }
});
