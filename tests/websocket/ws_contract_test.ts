import { testEngine } from "./engine_contract.ts";
import { connectWs, serveWs } from "./ws_stage.ts";

testEngine({
  engine: "ws",
  shortcomings: [],
  insteads: {},
  serve: serveWs,
  connect: connectWs,
});
