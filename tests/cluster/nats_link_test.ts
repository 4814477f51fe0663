import { testPeerContract } from "../actor/peer_contract.ts";
import { testSubjectsContract } from "../actor/subjects_contract.ts";
import { testWith } from "../helpers/needs.ts";
import { NATS, openPair } from "./stage.ts";

testPeerContract(
  "over NATS",
  () => openPair(NATS.executable!),
  "handed over",
  (name, run) => testWith(NATS, name, run),
);

testSubjectsContract(
  "over NATS",
  () => openPair(NATS.executable!),
  (name, run) => testWith(NATS, name, run),
);
