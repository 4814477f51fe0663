/**
 * What every engine must do, as named cases.
 *
 * An engine that cannot do one of them has a shortcoming of the same name. The
 * case is then not run; its test carries the shortcoming in its name and looks
 * at what happens instead.
 *
 * @module
 */

import type { EngineName, Shortcoming } from "../../src/websocket/mod.ts";
import type { Socket } from "../../src/websocket/socket.ts";
import { assertEquals } from "../helpers/assert.ts";
import type { HandshakeParts } from "../../src/testing/handshake.ts";
import type { RawClient } from "../../src/testing/raw_client.ts";
import { FRAME_CASES } from "./contract/frame_cases.ts";
import { HANDSHAKE_CASES } from "./contract/handshake_cases.ts";
import { LIMIT_CASES } from "./contract/limit_cases.ts";
import { PACE_CASES } from "./contract/pace_cases.ts";
import { REFUSAL_CASES } from "./contract/refusal_cases.ts";
import { SOCKET_CASES } from "./contract/socket_cases.ts";
import type { Served, ServeOptions } from "./stage.ts";

/** What the suite needs of an engine. */
export interface EngineUnderTest {
  readonly engine: EngineName;
  /** What it cannot do, by the names of the cases. */
  readonly shortcomings: readonly Shortcoming[];
  /** What happens instead, as checks under the same names. */
  readonly insteads: Readonly<Record<string, (engine: EngineUnderTest) => Promise<void>>>;
  /** Makes a handler on this engine and a port of loopback that it answers on. */
  serve(options?: ServeOptions): Promise<Served>;
  /** Opens one connection and gives both of its ends; there is no handler above. */
  connect(parts?: HandshakeParts & { readonly timeoutMs?: number }): Promise<SocketEnds>;
}

/** The server's end of a connection and the client's. */
export interface SocketEnds extends AsyncDisposable {
  readonly socket: Socket;
  readonly client: RawClient;
}

/** One thing that an engine must do. */
export interface ContractCase {
  /** What a shortcoming names. */
  readonly name: string;
  /** Fails unless the engine does it. */
  run(engine: EngineUnderTest): Promise<void>;
}

/** All of them. */
export const CONTRACT: readonly ContractCase[] = Object.freeze([
  ...REFUSAL_CASES,
  ...HANDSHAKE_CASES,
  ...FRAME_CASES,
  ...LIMIT_CASES,
  ...PACE_CASES,
  ...SOCKET_CASES,
]);

/** Registers a test for each case, and one that says that names and cases agree. */
export function testEngine(engine: EngineUnderTest): void {
  const shortcomings = new Map(engine.shortcomings.map(({ name, instead }) => [name, instead]));
  Deno.test(`the shortcomings of engine ${engine.engine} are cases of the contract`, () => {
    const names = CONTRACT.map(({ name }) => name);
    assertEquals(new Set(names).size, names.length, "two cases have one name");
    const checked = Object.keys(engine.insteads);
    assertEquals(checked.toSorted(), [...shortcomings.keys()].toSorted());
    assertEquals(checked.filter((name) => !names.includes(name)), []);
  });
  for (const { name, run } of CONTRACT) {
    const instead = shortcomings.get(name);
    if (instead === undefined) Deno.test(`engine ${engine.engine} ${name}`, () => run(engine));
    else {
      Deno.test({
        name: `engine ${engine.engine} cannot: ${name} (instead: ${instead})`,
        fn: () => engine.insteads[name]!(engine),
        // What an engine cannot end may be there still.
        sanitizeOps: false,
        sanitizeResources: false,
      });
    }
  }
}
