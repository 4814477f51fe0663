import { createConnection } from "../../../src/websocket/mod.ts";
import { assertEquals, assertRejects } from "../../helpers/assert.ts";

const URL_OF_NOBODY = "ws://127.0.0.1:1/";

const TOKENS = "expected tokens of letters, digits and !#$%&'*+-.^_`|~, each once";

const WRONG: readonly [options: Record<string, unknown>, message: string][] = [
  [
    { url: "ws://user:secret@127.0.0.1:1/a?b#c" },
    'Cannot connect to "ws://127.0.0.1:1/a?b#c": it has a fragment, expected a URL without one',
  ],
  [
    { url: new URL("ws://127.0.0.1:1/#") },
    'Cannot connect to "ws://127.0.0.1:1/#": it has a fragment, expected a URL without one',
  ],
  [
    { protocols: ["chat", "a b"] },
    `Cannot create a connection: subprotocol "a b" is no token, ${TOKENS}`,
  ],
  [{ protocols: [""] }, `Cannot create a connection: subprotocol "" is no token, ${TOKENS}`],
  [
    { protocols: ["a", "b", "a"] },
    `Cannot create a connection: subprotocol "a" is there twice, ${TOKENS}`,
  ],
  [
    { protocols: "chat" },
    'Cannot create a connection: protocols is "chat", expected a list of texts',
  ],
  [
    { headers: { "X A": "1" } },
    'Cannot create a connection: "X A" is no name of a header, ' +
    "expected letters, digits and !#$%&'*+-.^_`|~",
  ],
  ...["a\r\nb", "a\u0001", "\u20ac"].map((value): [Record<string, unknown>, string] => [
    { headers: { "X-A": value } },
    'Cannot create a connection: the value of header "X-A" cannot be sent, ' +
    "expected a text of Latin-1 without control characters",
  ]),
];

Deno.test("createConnection() refuses what cannot be dialed, naming it", async () => {
  for (const [options, message] of WRONG) {
    const url = URL_OF_NOBODY;
    const error = await assertRejects(() => createConnection({ url, ...options }), TypeError);
    assertEquals(error.message, message);
  }
});
