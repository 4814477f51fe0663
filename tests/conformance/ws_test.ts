import { assertEquals } from "../helpers/assert.ts";
import { serveWs } from "../websocket/ws_stage.ts";
import { CASES } from "./cases.ts";
import { testConformance } from "./conformance.ts";
import { BROKEN_OFFERS, DECLINED_OFFERS } from "./offers.ts";

testConformance({ engine: "ws", serve: serveWs, failures: new Map() }, CASES);

for (const [rule, offers] of Object.entries(DECLINED_OFFERS)) {
  Deno.test(`conformance of ws: RFC 7692 ${rule} is declined`, async () => {
    await using served = await serveWs({ compression: true });
    for (const offer of offers) {
      const { status, headers } = await served.handshake({
        headers: { "Sec-WebSocket-Extensions": offer },
      });
      assertEquals([status, headers.get("sec-websocket-extensions")], [101, null], offer);
    }
  });
}

Deno.test("conformance of ws: RFC 6455 9.1: a header that cannot be read is answered with 400", async () => {
  await using served = await serveWs({ compression: true });
  for (const offer of BROKEN_OFFERS) {
    const { status } = await served.handshake({ headers: { "Sec-WebSocket-Extensions": offer } });
    assertEquals(status, 400, offer);
  }
});
