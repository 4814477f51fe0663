import { assertEquals } from "../helpers/assert.ts";
import { serveWs } from "../websocket/ws_stage.ts";
import { CASES } from "./cases.ts";
import { testConformance } from "./conformance.ts";
import { BAD_OFFERS } from "./offers.ts";

testConformance({ engine: "ws", serve: serveWs, failures: new Map() }, CASES);

for (const [rule, offers] of Object.entries(BAD_OFFERS)) {
  Deno.test(`conformance of ws: RFC 7692 ${rule} is declined or answered with 400`, async () => {
    await using served = await serveWs({ compression: true });
    for (const offer of offers) {
      const { status, headers } = await served.handshake({
        headers: { "Sec-WebSocket-Extensions": offer },
      });
      const isDeclined = status === 101 && headers.get("sec-websocket-extensions") === null;
      assertEquals(isDeclined || status === 400, true, `${offer}: ${status}`);
    }
  });
}
