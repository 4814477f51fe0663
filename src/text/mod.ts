/**
 * Text: escaped, measured, parsed, with nothing but the language.
 *
 * @module
 */

export {
  type AddressRange,
  formatAddr,
  isInRange,
  isLoopbackHost,
  normalizeAddress,
  normalizeHost,
  parseAddressRange,
} from "./address.ts";
export { bodySize, bodySizeAtMost, isLonger } from "./body_size.ts";
export { byteLength } from "./byte_length.ts";
export { escapeControls, quote, showValue } from "./escape.ts";
export { compareTexts, firstOf, namesIn, type NameWindow } from "./first_of.ts";
export { parseJsonData } from "./json_data.ts";
export { nearestName } from "./nearest.ts";
export { nodeCrypto } from "./node_crypto.ts";
export { assertOptions, optionNames } from "./options.ts";
export { splitCertificates } from "./pem.ts";
export {
  isSecretName,
  redactData,
  REDACTED,
  redactText,
  redactUrl,
  withoutUser,
} from "./redact.ts";
export { formatDuration, formatSize, parseDuration, parseSize, UNIT_PATTERNS } from "./units.ts";
