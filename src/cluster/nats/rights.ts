/**
 * Whether keys and certificates are what they should be, before a broker is asked.
 *
 * @module
 */

import { credsAuthenticator, nkeyAuthenticator } from "@nats-io/nats-core";
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { splitCertificates } from "../../text/mod.ts";
import { ClusterError } from "../errors.ts";
import type { NatsOptions, NatsTls } from "./options.ts";

const NONCE = "nonce";

/**
 * Checks what can be known without a broker; no text shows anything of a secret.
 *
 * @throws {ClusterError} Code `"rights_invalid"`, naming the option.
 */
export function assertRights({ nkey, credentials, tls }: NatsOptions): void {
  const bytes = (text: string) => new TextEncoder().encode(text);
  if (nkey !== undefined) {
    const expected = 'nkey is no seed of a user, expected one that begins with "SU"';
    if (!nkey.startsWith("SU")) throw invalid(expected);
    attempt(() => nkeyAuthenticator(bytes(nkey))(NONCE), expected);
  }
  if (credentials !== undefined) {
    attempt(
      () => credsAuthenticator(bytes(credentials))(NONCE),
      "credentials are not the content of a credentials file, expected a JWT and the seed of a user",
    );
  }
  if (tls !== undefined) assertTls(tls);
}

function assertTls({ ca, cert, key }: NatsTls): void {
  const read = (name: string, pem: string) =>
    attempt(
      () => splitCertificates(pem),
      `tls.${name} is not usable, expected certificates in PEM`,
    );
  if (ca !== undefined) read("ca", ca);
  if (cert === undefined && key === undefined) return;
  if (cert === undefined || key === undefined) {
    throw invalid("tls has one of cert and key, expected both");
  }
  const [own] = read("cert", cert);
  const privateKey: KeyObject = attempt(
    () => createPrivateKey(key),
    "tls.key is no private key, expected one in PEM without a passphrase",
  );
  if (new X509Certificate(own!).checkPrivateKey(privateKey)) return;
  throw invalid("tls.key is not that of tls.cert");
}

function attempt<T>(use: () => T, why: string): T {
  try {
    return use();
  } catch {
    // What was thrown may show the secret.
    throw invalid(why);
  }
}

function invalid(why: string): ClusterError {
  return new ClusterError("rights_invalid", `Cannot join the cluster: ${why}`);
}
