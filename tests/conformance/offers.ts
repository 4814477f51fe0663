/** Negotiation of permessage-deflate (RFC 7692, sections 5 and 7.1). @module */

import { OPCODE } from "../../src/testing/frames.ts";
import type { ConformanceCase } from "./conformance.ts";
import { deflate } from "./deflate.ts";

const NO_TAKEOVER = "server_no_context_takeover; client_no_context_takeover";
const MESSAGE = "abc".repeat(1_000);

/** Offers, and what is accepted of them; `null`: none. */
const OFFERS: Readonly<Record<string, readonly [offer: string, accepted: string | null][]>> = {
  "7.1.1: an offer is accepted without context takeover": [
    ["permessage-deflate", `permessage-deflate; ${NO_TAKEOVER}`],
    ["permessage-deflate; client_max_window_bits", `permessage-deflate; ${NO_TAKEOVER}`],
    ["permessage-deflate; server_no_context_takeover", `permessage-deflate; ${NO_TAKEOVER}`],
    [
      `permessage-deflate; client_no_context_takeover; server_no_context_takeover`,
      "permessage-deflate; client_no_context_takeover; server_no_context_takeover",
    ],
  ],
  "7.1.2.1: the window that the client wants of the server is kept": [8, 9, 12, 15].map((bits) => [
    `permessage-deflate; server_max_window_bits=${bits}`,
    `permessage-deflate; server_max_window_bits=${bits}; ${NO_TAKEOVER}`,
  ]),
  "5.1: of several offers the first that can be accepted is": [
    [
      "permessage-deflate; server_max_window_bits=10, permessage-deflate",
      `permessage-deflate; server_max_window_bits=10; ${NO_TAKEOVER}`,
    ],
    ["x-unknown, permessage-deflate", `permessage-deflate; ${NO_TAKEOVER}`],
    ["x-unknown; a=1, permessage-deflate", `permessage-deflate; ${NO_TAKEOVER}`],
    ["permessage-deflate; x=1, permessage-deflate", `permessage-deflate; ${NO_TAKEOVER}`],
    [
      "permessage-deflate; server_max_window_bits=16, permessage-deflate",
      `permessage-deflate; ${NO_TAKEOVER}`,
    ],
    [",, permessage-deflate\t,", `permessage-deflate; ${NO_TAKEOVER}`],
  ],
  "7.1.2: windows are read in quotes too, and the client's own is confirmed": [
    [
      'permessage-deflate; server_max_window_bits="10"',
      `permessage-deflate; server_max_window_bits=10; ${NO_TAKEOVER}`,
    ],
    [
      "permessage-deflate;client_max_window_bits=12",
      `permessage-deflate; client_max_window_bits=12; ${NO_TAKEOVER}`,
    ],
  ],
  "5: an offer of unknown extensions is passed over": [
    ["x-unknown", null],
    ["x-webkit-deflate-frame; no_context_takeover", null],
    ["bbf-usp-protocol, permessage-bzip2; x=1", null],
  ],
};

/** Negotiation. */
export const NEGOTIATION: readonly ConformanceCase[] = Object.entries(OFFERS).map(
  ([name, offers]) => ({
    name: `7692 ${name}`,
    options: { compression: true },
    exchanges: offers.map(([offer, accepted]) => ({
      offer,
      accepted,
      send: [
        accepted === null
          ? { opcode: OPCODE.text, payload: MESSAGE }
          : { opcode: OPCODE.text, rsv: 4, payload: deflate(MESSAGE) },
      ],
      messages: [MESSAGE],
    })),
  }),
);

/** Offers that cannot be accepted: the connection goes on without the extension. */
export const DECLINED_OFFERS: Readonly<Record<string, readonly string[]>> = {
  "7.1.2: a window out of 8 to 15": [
    "7",
    "16",
    "0",
    "-1",
    "99",
    "x",
    "1e1",
    "08",
    "0x9",
    "9.0",
  ].flatMap((
    bits,
  ) => [
    `permessage-deflate; server_max_window_bits=${bits}`,
    `permessage-deflate; client_max_window_bits=${bits}`,
  ]),
  "7.1.2.1: a window of the server without a size": ["permessage-deflate; server_max_window_bits"],
  "7.1: a parameter that is not defined": ["permessage-deflate; x=1", "permessage-deflate; x"],
  "7.1: a parameter that comes twice": [
    "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
    "permessage-deflate; client_max_window_bits; client_max_window_bits",
    "permessage-deflate; client_max_window_bits=9; client_max_window_bits=10",
  ],
  "7.1.1: a value where none may be": ["permessage-deflate; server_no_context_takeover=1"],
  "5: a header without an extension": ["", ",,"],
};

/** Values that break the grammar (RFC 6455, section 9.1): no handshake. */
export const BROKEN_OFFERS: readonly string[] = [
  "permessage-deflate; ",
  "permessage-deflate;;",
  "permessage-deflate; x=",
  'permessage-deflate; server_max_window_bits=""',
  "permessage deflate",
  'permessage-deflate; x="',
];
