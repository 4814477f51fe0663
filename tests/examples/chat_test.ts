import { join } from "node:path";
import { assertEquals, assertMatch } from "../helpers/assert.ts";
import { launchBrowser } from "../helpers/browser.ts";
import { OPCODE } from "../../src/testing/frames.ts";
import { CHROMIUM, testWith } from "../helpers/needs.ts";
import { Program } from "../helpers/program.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { ROOT } from "../structure/source_tree.ts";

const args = ["run", "--allow-net", "--allow-env", join(ROOT, "examples/chat.ts"), "0"];

Deno.test("examples/chat.ts sends what one says to all others and prints it", async () => {
  await using program = new Program({ args });
  const address = { port: await program.port(), path: "/echo" };
  await using one = await RawClient.open(address);
  await using two = await RawClient.open(address);
  await one.send({ opcode: OPCODE.text, payload: "m:chat;0;hello" });
  assertEquals(await two.readText(), "m:chat;0;hello");
  await two.send({ opcode: OPCODE.text, payload: "m:chat;0;and you" });
  // Nothing of its own came before.
  assertEquals(await one.readText(), "m:chat;0;and you");
  const line = await program.find(
    "what was said",
    (text) => text.includes("sent:") ? text : undefined,
  );
  assertEquals(line, `${one.localAddr} sent: hello`);
  program.signal("SIGTERM");
  assertEquals((await one.readClose()).code, 1001);
  for (const client of [one, two]) client.close();
  assertEquals(await program.exitCode(), 0);
});

testWith(CHROMIUM, "examples/chat.ts serves a page that chats", async (executable) => {
  await using program = new Program({ args });
  const url = `http://127.0.0.1:${await program.port()}/`;
  await using browser = await launchBrowser(executable);
  const [one, two] = [await browser.openPage(url), await browser.openPage(url)];
  for (const { page } of [one, two]) await page.locator("pre", { hasText: "Connected" }).waitFor();
  await one.page.fill("input", "hello from a page");
  await one.page.click("button");
  await two.page.locator("pre", { hasText: "hello from a page" }).waitFor();
  assertMatch(await one.page.locator("pre").innerText(), /me: hello from a page/);
  assertEquals([one.trouble, two.trouble], [[], []]);
});
