import { acceptDeflate, parseOffers } from "../../../src/websocket/handshake/deflate_offer.ts";
import { assertEquals } from "../../helpers/assert.ts";

Deno.test("parseOffers() reads extensions with parameters (RFC 6455, section 9.1)", () => {
  assertEquals(parseOffers(undefined), []);
  assertEquals(parseOffers(""), []);
  assertEquals(parseOffers(", \t,,"), []);
  assertEquals(parseOffers('a, b ;\tc ; d=1;e="2" , ,f;g = "\\h,;"'), undefined);
  assertEquals(parseOffers('a, b ;\tc ; d=1;e="2" , ,f;g = "\\h\\i"'), [
    { name: "a", params: [] },
    { name: "b", params: [["c", undefined], ["d", "1"], ["e", "2"]] },
    { name: "f", params: [["g", "hi"]] },
  ]);
});

Deno.test("parseOffers() tells what is no list of extensions", () => {
  const broken = [
    ";",
    ";a",
    "a;",
    "a;;b",
    "a b",
    "a;b c",
    "a;=",
    "a;=1",
    "a;b=",
    'a;b=""',
    'a;b="',
    'a;b="1',
    'a;b="1\\"',
    'a;b="1" 2',
    'a;b="1 2"',
    'a;b="1""2"',
    "a;b=1=2",
    '"a"',
    "a/b",
    "\xa0a",
    "fine, a;",
  ];
  for (const header of broken) assertEquals(parseOffers(header), undefined, header);
});

const D = "permessage-deflate";

Deno.test("acceptDeflate() takes the first offer of permessage-deflate that can be accepted", () => {
  const cases: [offers: string, accepted: string | undefined][] = [
    [D, D],
    [`,, ${D} ,`, D],
    [`x-other; a=1, ${D}`, D],
    [`${D}; client_max_window_bits`, `${D}; client_max_window_bits`],
    [`${D};client_max_window_bits="10"`, `${D}; client_max_window_bits=10`],
    [`${D};server_max_window_bits="1\\0"`, `${D}; server_max_window_bits=10`],
    [
      `${D}; server_no_context_takeover;client_no_context_takeover`,
      `${D}; server_no_context_takeover; client_no_context_takeover`,
    ],
    [`${D}; server_max_window_bits=8`, `${D}; server_max_window_bits=8`],
    [
      `${D}; x, ${D}; server_max_window_bits=99, ${D}; server_max_window_bits=15, ${D}`,
      `${D}; server_max_window_bits=15`,
    ],
    ["", undefined],
    ["x-other", undefined],
    [`x-${D}`, undefined],
  ];
  for (const [offers, accepted] of cases) {
    assertEquals(acceptDeflate(parseOffers(offers)!), accepted, offers);
  }
});

Deno.test("acceptDeflate() declines unknown, repeated and wrong parameters (RFC 7692, section 7.1)", () => {
  const windows = ["7", "16", "0", "08", "010", "-9", "+9", "1e1", "0x9", "9.0", "99", "x", '"16"'];
  const declined = [
    "x",
    "x=1",
    "__proto__",
    "constructor=1",
    "Server_No_Context_Takeover",
    "server_no_context_takeover=1",
    "client_no_context_takeover=true",
    "server_max_window_bits",
    "server_no_context_takeover; server_no_context_takeover",
    "client_max_window_bits; client_max_window_bits",
    "client_max_window_bits=9; client_max_window_bits=9",
    ...windows.flatMap((bits) => [
      `server_max_window_bits=${bits}`,
      `client_max_window_bits=${bits}`,
    ]),
  ];
  for (const params of declined) {
    assertEquals(acceptDeflate(parseOffers(`${D}; ${params}`)!), undefined, params);
  }
});
