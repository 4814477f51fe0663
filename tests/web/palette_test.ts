import { assertEquals, assertGreater, assertStringIncludes } from "../helpers/assert.ts";
import { createDashboard } from "../../src/dashboard/mod.ts";
import { createWebAssets, PALETTE } from "../../src/web/mod.ts";

const DEFINITION = /^\s*(--[\w-]+):/gm;

function namesIn(styles: string): string[] {
  return Array.from(styles.matchAll(DEFINITION), ([, name]) => name!);
}

Deno.test("the demo page and the operator's page have their colours from one palette", async () => {
  const names = new Set(namesIn(PALETTE));
  assertGreater(names.size, 5);
  const request = new Request("http://localhost/admin/app.css");
  const info = { remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 1 } as const };
  const dashboard = await (await createDashboard().fetch(request, info)).text();
  const page = (await createWebAssets([], true)).get("/")!.body;
  for (const styles of [dashboard, page]) {
    assertStringIncludes(styles, PALETTE);
    const others = namesIn(styles.replace(PALETTE, "")).filter((name) => names.has(name));
    assertEquals(others, []);
  }
});
