import { assertEquals, assertMatch } from "../helpers/assert.ts";
import { launchBrowser, type PageOptions, type TestPage } from "../helpers/browser.ts";
import { CHROMIUM, testWith } from "../helpers/needs.ts";
import { startServer } from "./stage.ts";

/** The embedded configuration with a faster heart. */
const FAST = {
  processes: {
    echo: { behavior: "echo" },
    chat: { behavior: "chat" },
    topics: { behavior: "topics", env: { heartbeatPeriodMs: 100 } },
  },
  endpoints: {
    "/ws": { pool: ["echo"] },
    "/chat": { pool: ["chat"] },
    "/topics": { pool: ["topics"] },
  },
};

interface Stage extends TestPage {
  readonly stopServer: () => Promise<void>;
}

function pane({ page }: Stage) {
  const region = page.getByRole("region", { name: "Topics" });
  return {
    region,
    log: region.getByRole("log"),
    waitFor: (text: string | RegExp) => region.getByText(text).first().waitFor(),
    press: (name: string) => region.getByRole("button", { name }).click(),
  };
}

function testPage(name: string, run: (stage: Stage) => Promise<void>, options?: PageOptions): void {
  testWith(CHROMIUM, name, async (executable) => {
    await using server = await startServer(FAST);
    await using browser = await launchBrowser(executable);
    const opened = await browser.openPage(server.url, options);
    await run({ ...opened, stopServer: server.stop });
  });
}

testPage("the page subscribes to heartbeats, sees them, and unsubscribes", async (stage) => {
  const topics = pane(stage);
  await topics.waitFor("not subscribed");
  await topics.press("Subscribe to heartbeats");
  await topics.waitFor(/^\d{4}-\d\d-\d\dT[\d:.]+Z, connected for \d+ s$/);
  // The first comes at once, the others by themselves.
  await topics.waitFor(/^Heartbeats so far: ([3-9]|\d{2,})$/);
  await topics.press("Unsubscribe");
  await topics.waitFor("not subscribed");
  const answers = await topics.log.locator(".received").allInnerTexts();
  assertEquals(answers.map((text) => JSON.parse(text)), [
    { type: "subscribe_response", reqId: "1", status: "OK", data: { topic: "heartbeat" } },
    { type: "unsubscribe_response", reqId: "2", status: "OK", data: { topic: "heartbeat" } },
  ]);
  assertEquals(stage.trouble, []);
});

testPage("the page asks for an echo and for an error, and shows them as text", async (stage) => {
  const topics = pane(stage);
  await topics.waitFor("open");
  await topics.region.getByRole("textbox", { name: "Text to echo" }).fill("<b>bold</b>");
  await topics.press("Echo");
  await topics.log.locator(".received", { hasText: '"echo":"<b>bold</b>"' }).waitFor();
  await topics.press("Ask for an error");
  const failed = await topics.log.locator(".failed").innerText();
  assertMatch(failed, /"status":"ERROR".*"code":"ASKED_BY_CLIENT"/);
  assertEquals(await topics.log.locator("b").count(), 0);
  assertEquals(stage.trouble, []);
});

testPage(
  "the page says that topics ended with the server, and offers to reconnect",
  async (stage) => {
    const topics = pane(stage);
    await topics.waitFor("open");
    await stage.stopServer();
    await topics.waitFor("Closed with 1001");
    await topics.press("Reconnect");
    await topics.waitFor("Closed with 1006");
  },
  { size: { width: 360, height: 740 }, colorScheme: "dark" },
);
