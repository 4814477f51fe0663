/**
 * Certificates and their private keys, read from files and checked.
 *
 * @module
 */

import type { KeyObject, X509Certificate } from "node:crypto";
import { resolve } from "node:path";
import { escapeControls, nodeCrypto, quote, splitCertificates } from "../text/mod.ts";
import { ServerStartError } from "./errors.ts";

/** Where a certificate is. */
export interface TlsFiles {
  /** Path of the certificate chain. */
  readonly cert: string;
  /** Path of the private key. */
  readonly key: string;
}

/** Shortest RSA key, and the curves, that TLS signs with here. */
const MIN_RSA_BITS = 2_048;
const CURVES: readonly string[] = ["prime256v1", "secp384r1", "secp521r1"];

/** A certificate chain and its private key, both PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

function failed(text: string, cause?: unknown): ServerStartError {
  return new ServerStartError("certificate_failed", text, { cause });
}

async function readPem(what: string, file: string, baseDirectory: string): Promise<string> {
  try {
    return await Deno.readTextFile(resolve(baseDirectory, file));
  } catch (cause) {
    const missing = cause instanceof Deno.errors.NotFound;
    const why = missing ? "there is no such file" : escapeControls((cause as Error).message);
    throw failed(`Cannot read ${what} ${quote(file)}: ${why}`, cause);
  }
}

/** The first of a chain, which is the server's own. */
function parseCertificate(file: string, pem: string): X509Certificate {
  try {
    const { X509Certificate } = nodeCrypto();
    return new X509Certificate(splitCertificates(pem)[0]!);
  } catch (cause) {
    const why = (cause as Error).message;
    throw failed(
      `Cannot use certificate ${quote(file)}: ${why}, expected certificates in PEM`,
      cause,
    );
  }
}

function parseKey(file: string, pem: string): KeyObject {
  try {
    return nodeCrypto().createPrivateKey(pem);
  } catch (cause) {
    const expected = "expected one in PEM without a passphrase";
    throw failed(`Cannot use key ${quote(file)}: it is no private key, ${expected}`, cause);
  }
}

/** A listener takes any key, and fails each handshake where it cannot sign with it. */
function assertUsable(file: string, key: KeyObject): void {
  const { asymmetricKeyType: type = "unknown", asymmetricKeyDetails = {} } = key;
  const { modulusLength = 0, namedCurve = "" } = asymmetricKeyDetails;
  const isUsable = type === "rsa"
    ? modulusLength >= MIN_RSA_BITS
    : type === "ec"
    ? CURVES.includes(namedCurve)
    : type === "ed25519";
  if (isUsable) return;
  const shown = type === "rsa" ? `RSA of ${modulusLength} bits` : `${type} ${namedCurve}`.trim();
  const expected = `RSA of at least ${MIN_RSA_BITS} bits, P-256, P-384, P-521 or Ed25519`;
  throw failed(`Cannot use key ${quote(file)}: it is of type ${shown}, expected ${expected}`);
}

/**
 * Reads both files; relative paths start from the directory given.
 *
 * @throws {ServerStartError} If a file cannot be read or is not what it should
 * be, or if the key is not that of the certificate; the text names the files.
 */
export async function loadCertificate(tls: TlsFiles, baseDirectory: string): Promise<Certificate> {
  const cert = await readPem("certificate", tls.cert, baseDirectory);
  const key = await readPem("key", tls.key, baseDirectory);
  const own = parseCertificate(tls.cert, cert);
  const privateKey = parseKey(tls.key, key);
  assertUsable(tls.key, privateKey);
  // A listener takes a pair that does not match and then fails each handshake.
  if (!own.checkPrivateKey(privateKey)) {
    throw failed(
      `Cannot use certificate ${quote(tls.cert)} with key ${quote(tls.key)}: ` +
        "they do not match, expected the private key of the certificate",
    );
  }
  return { cert, key };
}
