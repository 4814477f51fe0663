import { join } from "node:path";
import { OPCODE } from "../../src/testing/frames.ts";
import { RawClient } from "../../src/testing/raw_client.ts";
import { assert, assertEquals } from "../helpers/assert.ts";
import { launchBrowser } from "../helpers/browser.ts";
import { CHROMIUM, testWith } from "../helpers/needs.ts";
import { Program } from "../helpers/program.ts";
import { ROOT } from "../structure/source_tree.ts";

/** Most lines that one of these programs may have: what needs more needs another API. */
const MOST_LINES = 80;

function start(name: string): Program {
  const file = join(ROOT, "examples/guide", name);
  return new Program({ args: ["run", "--allow-net", "--allow-env", "--allow-read", file, "0"] });
}

async function say(client: RawClient, text: string): Promise<void> {
  await client.send({ opcode: OPCODE.text, payload: text });
}

const next = async (client: RawClient) => JSON.parse(await client.readText());

/** Whoever is still connected, and answers no close, would be waited for. */
async function assertStops(program: Program, clients: readonly RawClient[] = []): Promise<void> {
  for (const client of clients) client.close();
  program.signal("SIGTERM");
  assertEquals(await program.exitCode(), 0);
}

for (const name of ["chat.ts", "game.ts", "presence.ts"]) {
  Deno.test(`examples/guide/${name} is short`, async () => {
    const text = await Deno.readTextFile(join(ROOT, "examples/guide", name));
    assert(text.split("\n").length <= MOST_LINES, name);
  });
}

Deno.test("examples/guide/chat.ts lets those in who have logged in, by name", async () => {
  await using program = start("chat.ts");
  const port = await program.port();
  const url = `http://127.0.0.1:${port}/`;
  const logIn = async (name: string) => {
    const body = new URLSearchParams({ name });
    const answer = await fetch(url, { method: "POST", body, redirect: "manual" });
    await answer.body?.cancel();
    return [answer.status, answer.headers.get("set-cookie")?.split(";")[0] ?? ""] as const;
  };
  assertEquals((await logIn("<b>"))[0], 400);
  const [status, cookie] = await logIn("Zoë");
  assertEquals(status, 303);
  {
    await using stranger = await RawClient.connect({ port });
    await stranger.request({ path: "/rooms/lobby", headers: { Cookie: "session=guessed" } });
    const { status, body } = await stranger.readResponse();
    assertEquals([status, body], [401, "log in first\n"]);
  }
  const enter = (cookie: string, room: string) =>
    RawClient.open({ port, path: `/rooms/${room}`, headers: { Cookie: cookie } });
  await using zoe = await enter(cookie, "lobby");
  assertEquals(await next(zoe), { line: "Zoë comes in" });
  await using elsewhere = await enter(cookie, "garden");
  assertEquals(await next(elsewhere), { line: "Zoë comes in" });
  {
    await using ada = await enter((await logIn("Ada"))[1], "lobby");
    for (const client of [zoe, ada]) assertEquals(await next(client), { line: "Ada comes in" });
    await say(ada, "hello");
    for (const client of [zoe, ada]) assertEquals(await next(client), { line: "Ada: hello" });
    ada.close();
  }
  assertEquals(await next(zoe), { line: "Ada leaves" });
  // Nothing of the lobby came into the garden.
  await say(elsewhere, "quiet here");
  assertEquals(await next(elsewhere), { line: "Zoë: quiet here" });
  await assertStops(program, [zoe, elsewhere]);
});

Deno.test("examples/guide/game.ts ticks for each room, and shows late joiners the game", async () => {
  await using program = start("game.ts");
  const port = await program.port();
  await using first = await RawClient.open({ port, path: "/game/blue" });
  const start0 = await next(first);
  assertEquals([start0.room, start0.round, start0.players.length], ["blue", 0, 1]);
  await say(first, "right");
  await say(first, "nowhere");
  let state = await next(first);
  while (state.players[0].x === 0) state = await next(first);
  const before = state.round;
  await using late = await RawClient.open({ port, path: "/game/blue" });
  const seen = await next(late);
  assertEquals([seen.room, seen.players.length, seen.round >= before], ["blue", 2, true]);
  await using other = await RawClient.open({ port, path: "/game/red" });
  const alone = await next(other);
  assertEquals([alone.room, alone.round, alone.players.length], ["red", 0, 1]);
  first.close();
  // The room goes on without the one who has left.
  while ((await next(late)).players.length > 1);
  await assertStops(program, [late, other]);
});

Deno.test("examples/guide/presence.ts tells who comes and goes, once for all windows", async () => {
  await using program = start("presence.ts");
  const port = await program.port();
  const who = async () => await (await fetch(`http://127.0.0.1:${port}/who`)).json();
  const enter = (user: string) => RawClient.open({ port, path: `/presence?user=${user}` });
  assertEquals(await who(), []);
  await using ada = await enter("ada");
  assertEquals(await next(ada), { online: ["ada"] });
  await using first = await enter("ben");
  assertEquals(await next(first), { online: ["ada", "ben"] });
  assertEquals(await next(ada), { came: "ben" });
  await using second = await enter("ben");
  assertEquals(await next(second), { online: ["ada", "ben"] });
  assertEquals(await who(), ["ada", "ben"]);
  first.close();
  second.close();
  assertEquals(await next(ada), { left: "ben" });
  assertEquals(await who(), ["ada"]);
  {
    await using nobody = await RawClient.connect({ port });
    assertEquals((await nobody.handshake({ path: "/presence" })).status, 401);
  }
  await assertStops(program, [ada]);
});

testWith(
  CHROMIUM,
  "the page of examples/guide/chat.ts logs in, chats and changes rooms",
  async (path) => {
    await using program = start("chat.ts");
    const url = `http://127.0.0.1:${await program.port()}/`;
    await using browser = await launchBrowser(path);
    const { page, trouble } = await browser.openPage(url);
    await page.fill("#login input", "Ada");
    await page.click("#login button");
    await page.getByText("Ada comes in").waitFor();
    assertEquals(await page.textContent("h1"), "Ada in the lobby");
    await page.fill("#say input", "<b>hello</b>");
    await page.press("#say input", "Enter");
    await page.getByText("Ada: <b>hello</b>").waitFor();
    await page.click("text=Garden");
    await page.getByText("Ada in the garden").waitFor();
    await page.getByText("Ada comes in").waitFor();
    assertEquals(await page.locator("li").count(), 1);
    const screenshot = Deno.env.get("TROUPE_SCREENSHOTS");
    if (screenshot !== undefined) await page.screenshot({ path: join(screenshot, "guide.png") });
    assertEquals(trouble, []);
    await assertStops(program);
  },
);
