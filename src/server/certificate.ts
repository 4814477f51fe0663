/**
 * Certificates and their private keys, read from files and checked.
 *
 * @module
 */

import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { resolve } from "node:path";
import { escapeControls, quote } from "../telemetry/mod.ts";
import type { TlsConfig } from "./config_types.ts";
import { ServerStartError } from "./errors.ts";

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

function parseCertificate(file: string, pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw failed(`Cannot use certificate ${quote(file)}: it is no certificate in PEM`, cause);
  }
}

function parseKey(file: string, pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    const expected = "expected one in PEM without a passphrase";
    throw failed(`Cannot use key ${quote(file)}: it is no private key, ${expected}`, cause);
  }
}

/**
 * Reads both files; relative paths start from the directory given.
 *
 * @throws {ServerStartError} If a file cannot be read or is not what it should
 * be, or if the key is not that of the certificate; the text names the files.
 */
export async function loadCertificate(tls: TlsConfig, baseDirectory: string): Promise<Certificate> {
  const cert = await readPem("certificate", tls.cert, baseDirectory);
  const key = await readPem("key", tls.key, baseDirectory);
  // A listener takes a pair that does not match and then fails each handshake.
  if (!parseCertificate(tls.cert, cert).checkPrivateKey(parseKey(tls.key, key))) {
    throw failed(
      `Cannot use certificate ${quote(tls.cert)} with key ${quote(tls.key)}: ` +
        "they do not match, expected the private key of the certificate",
    );
  }
  return { cert, key };
}
