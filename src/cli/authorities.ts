/**
 * Certificates to trust, read from a file and checked.
 *
 * @module
 */

import { X509Certificate } from "node:crypto";
import { resolve } from "node:path";
import { escapeControls, quote } from "../telemetry/mod.ts";
import { UsageError } from "./flags.ts";

/** One certificate (RFC 7468); text around it, as openssl writes it, is left out. */
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

function unusable(file: string, why: string): UsageError {
  return new UsageError(`Cannot use --ca ${quote(file)}: ${why}, expected certificates in PEM`);
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined;
  } catch {
    return false;
  }
}

async function read(path: string, file: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    const missing = error instanceof Deno.errors.NotFound;
    const why = missing ? "there is no such file" : escapeControls((error as Error).message);
    throw unusable(file, why);
  }
}

/**
 * The certificates of a file; a relative path starts from the directory.
 *
 * @throws {UsageError} If it cannot be read, or if it has none or a broken one.
 */
export async function readAuthorities(file: string, directory: string): Promise<string> {
  const certificates = (await read(resolve(directory, file), file)).match(CERTIFICATE) ?? [];
  if (certificates.length === 0) throw unusable(file, "there is no certificate in it");
  const broken = certificates.findIndex((pem) => !isCertificate(pem));
  if (broken !== -1) throw unusable(file, `number ${broken + 1} in it is no certificate`);
  return certificates.join("\n");
}
