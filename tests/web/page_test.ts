import {
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "../helpers/assert.ts";
import { launchBrowser, type PageOptions, type TestPage } from "../helpers/browser.ts";
import { CHROMIUM, testWith } from "../helpers/needs.ts";
import { startServer } from "./stage.ts";

interface Stage extends TestPage {
  readonly url: string;
  readonly stopServer: () => Promise<void>;
}

/** One connection on the page, by its number. */
function connection({ page }: Stage, number: number) {
  const card = page.getByRole("article").nth(number - 1);
  return {
    card,
    log: card.getByRole("log"),
    waitFor: (state: string) => card.getByText(state, { exact: true }).waitFor(),
    read: (label: string) => card.locator(`dt:text-is("${label}") + dd`).innerText(),
    press: (button: string) => card.getByRole("button", { name: button }).click(),
    send: async (text: string) => {
      await card.getByRole("textbox", { name: "Message to send" }).fill(text);
      await card.getByRole("button", { name: "Send" }).click();
    },
  };
}

function testPage(name: string, run: (stage: Stage) => Promise<void>, options?: PageOptions): void {
  testWith(CHROMIUM, name, async (executable) => {
    await using server = await startServer();
    await using browser = await launchBrowser(executable);
    const opened = await browser.openPage(server.url, options);
    await run({ ...opened, url: server.url, stopServer: server.stop });
  });
}

testPage("the page shows alias, process and replies of its connection", async (stage) => {
  const first = connection(stage, 1);
  await first.waitFor("open");
  await first.log.getByText("echo_1 answers this connection").waitFor();
  assertEquals(await first.read("Answered by"), "echo_1");
  assertMatch(await first.read("Alias"), /^Alias#<troupe@localhost\/[^<>]+>$/);
  await first.send("Hello, Troupe");
  await first.log.locator(".received", { hasText: "Hello, Troupe" }).waitFor();
  assertEquals(stage.trouble, []);
});

testPage("the page gives each further connection to the next process", async (stage) => {
  await connection(stage, 1).waitFor("open");
  for (const number of [2, 3, 4]) {
    await stage.page.getByRole("button", { name: "Open another connection" }).click();
    await connection(stage, number).log.getByText("answers this connection").waitFor();
  }
  const turns = "In turn: echo_1 → echo_2 → echo_3 → echo_1";
  await stage.page.getByText(turns, { exact: true }).waitFor();
  const aliases = [1, 2, 3, 4].map((number) => connection(stage, number).read("Alias"));
  assertEquals(new Set(await Promise.all(aliases)).size, 4);
});

testPage("the page shows what arrives as text and never as HTML", async (stage) => {
  const markup = '<img src="/x" onerror="document.title = 1"><b>bold</b>';
  const first = connection(stage, 1);
  await first.waitFor("open");
  await first.send(markup);
  await first.log.locator(".received", { hasText: markup }).waitFor();
  assertEquals(await first.card.locator("img, b").count(), 0);
  assertEquals(stage.trouble, []);
});

testPage("the page shows code and reason of a close and reconnects on demand", async (stage) => {
  const first = connection(stage, 1);
  await first.log.getByText("answers this connection").waitFor();
  const alias = await first.read("Alias");
  await first.press("Close");
  await first.waitFor("closed");
  assertStringIncludes(await first.log.innerText(), "Closed with 1000 “closed on the page”");
  await first.press("Reconnect");
  await first.log.getByText("echo_2 answers this connection").waitFor();
  assertNotEquals(await first.read("Alias"), alias);
});

testPage("the page says that the server went away and that it cannot be reached", async (stage) => {
  const first = connection(stage, 1);
  await first.waitFor("open");
  await stage.stopServer();
  await first.waitFor("closed");
  assertMatch(await first.log.innerText(), /Closed with 1001\b.*: the server is going away/);
  await first.press("Reconnect");
  await first.log.getByText("Closed with 1006: no connection").waitFor();
});

testPage("the page says so when a path is no endpoint", async (stage) => {
  await stage.page.getByRole("textbox", { name: "Endpoint" }).fill("/nowhere");
  await stage.page.getByRole("button", { name: "Open another connection" }).click();
  await connection(stage, 2).log.getByText("is this path one of its endpoints?").waitFor();
});

testPage("the page names commands to try next with its own address", async (stage) => {
  const text = await stage.page.getByRole("region", { name: "What to try next" }).innerText();
  assertStringIncludes(text, `curl -i ${stage.url}health/ready`);
  assertStringIncludes(text, "troupe init");
  assertStringIncludes(text, '"pool"');
  const ready = await fetch(`${stage.url}health/ready`);
  await ready.body?.cancel();
  assertEquals(ready.status, 200);
});

testPage("the page is served with its policy, which keeps out what is foreign", async (stage) => {
  const response = await stage.page.reload();
  assertStringIncludes(response!.headers()["content-security-policy"]!, "default-src 'none'");
  const ran = "(() => { const e = document.createElement('script');" +
    "e.textContent = 'window.foreign = 1'; document.body.append(e); return window.foreign; })()";
  assertEquals(await stage.page.evaluate(ran), undefined);
  assertEquals(stage.trouble.length, 1);
  assertStringIncludes(stage.trouble[0]!.text, "Content Security Policy");
});

testPage("the page fits a phone without scrolling sideways", async (stage) => {
  await connection(stage, 1).log.getByText("answers this connection").waitFor();
  await connection(stage, 1).send("x".repeat(300));
  assertEquals(await stage.page.evaluate("document.documentElement.scrollWidth"), 360);
}, { size: { width: 360, height: 740 }, colorScheme: "dark" });

/** One chat of the page. */
function chatOf({ page }: Stage, name: string) {
  const card = page.getByRole("region", { name: `Chat of ${name}` });
  return {
    waitFor: (text: string) => card.locator(".log li", { hasText: text }).first().waitFor(),
    join: async (room: string) => {
      await card.getByRole("textbox", { name: "Room for" }).fill(room);
      await card.getByRole("button", { name: "Join" }).click();
    },
    leave: (room: string) => card.getByRole("button", { name: room, exact: true }).click(),
    say: async (text: string) => {
      await card.getByRole("textbox", { name: "Message of" }).fill(text);
      await card.getByRole("button", { name: "Send" }).click();
    },
  };
}

testPage("the page chats with itself in rooms", async (stage) => {
  const [ada, grace] = [chatOf(stage, "Ada"), chatOf(stage, "Grace")];
  await ada.waitFor("Ada joined lobby");
  await grace.waitFor("Grace joined lobby");
  await ada.say("hello <b>Grace</b>");
  await grace.waitFor("hello <b>Grace</b>");
  await grace.say("hello, Ada");
  await ada.waitFor("hello, Ada");
  await ada.join("attic");
  await ada.waitFor("Ada joined attic");
  await grace.leave("lobby");
  await ada.waitFor("Grace left lobby");
  await grace.say("nobody hears this");
  await grace.waitFor("Join a room first");
  assertEquals(stage.trouble, []);
});

testPage("the page's chats say when the server is gone", async (stage) => {
  const ada = chatOf(stage, "Ada");
  await ada.waitFor("Ada joined lobby");
  await stage.stopServer();
  await stage.page.getByText(/^Lost with 1001; tried again in/).first().waitFor();
});

testWith(CHROMIUM, "the page shows what the server has", async (executable) => {
  await using server = await startServer({
    processes: { echo: { behavior: "echo" } },
    endpoints: { "/mine": { pool: ["echo"] } },
  });
  await using browser = await launchBrowser(executable);
  const { page, trouble } = await browser.openPage(server.url);
  await page.getByText("echo answers this connection").waitFor();
  assertEquals(await page.getByLabel("Endpoint").inputValue(), "/mine");
  assertEquals(await page.locator("section.pane:visible h2").allInnerTexts(), [
    "Connections",
    "What to try next",
  ]);
  assertEquals(trouble, []);
});
