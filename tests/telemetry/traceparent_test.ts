import { formatTraceparent, parseTraceparent } from "../../src/telemetry/traces/traceparent.ts";
import { assertEquals } from "../helpers/assert.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";

Deno.test("parseTraceparent() reads what W3C Trace Context has", () => {
  const text = `00-${TRACE}-${SPAN}-01`;
  const context = parseTraceparent(text, "a=1,b=2")!;
  assertEquals([context.traceId, context.spanId, context.traceFlags], [TRACE, SPAN, 1]);
  assertEquals([context.isRemote, context.traceState?.get("b")], [true, "2"]);
  assertEquals(formatTraceparent(context), text);
  assertEquals(parseTraceparent(`00-${TRACE}-${SPAN}-02`)?.traceFlags, 0);
  assertEquals(
    parseTraceparent(`cc-${TRACE}-${SPAN}-01-what-the-future-will-bring`)?.traceFlags,
    1,
  );
});

Deno.test("parseTraceparent() takes nothing else", () => {
  for (
    const text of [
      null,
      undefined,
      "",
      "nonsense",
      `ff-${TRACE}-${SPAN}-01`,
      `00-${TRACE}-${SPAN}-01-more`,
      `00-${TRACE.toUpperCase()}-${SPAN}-01`,
      `00-${"0".repeat(32)}-${SPAN}-01`,
      `00-${TRACE}-${"0".repeat(16)}-01`,
      `00-${TRACE}-${SPAN}-1`,
      `00-${TRACE}-${SPAN}`,
    ]
  ) assertEquals(parseTraceparent(text), undefined, String(text));
});
