/** Every case, in the order of Autobahn's groups. @module */

import { CLOSING } from "./closing.ts";
import { COMPRESSION } from "./compression.ts";
import type { ConformanceCase } from "./conformance.ts";
import { FRAGMENTATION } from "./fragmentation.ts";
import { FRAMING } from "./framing.ts";
import { LIMITS } from "./limits.ts";
import { NEGOTIATION } from "./offers.ts";
import { PINGS } from "./pings.ts";
import { RESERVED_BITS, RESERVED_OPCODES } from "./reserved.ts";
import { UTF8 } from "./utf8.ts";

/** All cases. */
export const CASES: readonly ConformanceCase[] = [
  ...FRAMING,
  ...PINGS,
  ...RESERVED_BITS,
  ...RESERVED_OPCODES,
  ...FRAGMENTATION,
  ...UTF8,
  ...CLOSING,
  ...LIMITS,
  ...NEGOTIATION,
  ...COMPRESSION,
];
