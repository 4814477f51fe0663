/**
 * Certificates in PEM (RFC 7468).
 *
 * @module
 */

import { nodeCrypto } from "./node_crypto.ts";

const BEGIN = "-----BEGIN CERTIFICATE-----";
const BLOCK = /^-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/;

/**
 * The certificates of a text, one each; what stands between them, as openssl
 * writes it, is left out.
 *
 * @throws {TypeError} If there is none or a broken one; the message says which.
 */
export function splitCertificates(pem: string): string[] {
  const blocks = pem.split(BEGIN).slice(1).map((rest) => BLOCK.exec(BEGIN + rest)?.[0] ?? "");
  if (blocks.length === 0) throw new TypeError("there is no certificate in it");
  const broken = blocks.findIndex((block) => !isCertificate(block));
  if (broken !== -1) throw new TypeError(`number ${broken + 1} in it is no certificate`);
  return blocks;
}

function isCertificate(block: string): boolean {
  try {
    const { X509Certificate } = nodeCrypto();
    return new X509Certificate(block).subject !== undefined;
  } catch {
    return false;
  }
}
