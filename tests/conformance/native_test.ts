import { serveHandler } from "../websocket/stage.ts";
import { CASES } from "./cases.ts";
import { testConformance } from "./conformance.ts";
import { NATIVE_FAILURES } from "./native_failures.ts";

testConformance({
  engine: "native",
  serve: serveHandler,
  failures: NATIVE_FAILURES,
}, CASES);
