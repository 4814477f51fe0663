/**
 * Rights at a broker for tests: keys, and the credentials of an operator's user.
 *
 * @module
 */

import { nkeys } from "@nats-io/nats-core";
import { fileURLToPath } from "node:url";

const text = new TextEncoder();

/** Path of a certificate or key of `testdata`. */
export function pathOf(name: string): string {
  return fileURLToPath(new URL(`./testdata/${name}.pem`, import.meta.url));
}

/** A new nkey of a user: its seed, and the public key that the broker is given. */
export function createUserKey(): { readonly seed: string; readonly publicKey: string } {
  const pair = nkeys.createUser();
  return { seed: seedOf(pair), publicKey: pair.getPublicKey() };
}

/** An operator with one account: what its broker is configured with, and a user of it. */
export function createOperator() {
  const operator = nkeys.createOperator();
  const [account, system] = [nkeys.createAccount(), nkeys.createAccount()];
  const many = { subs: -1, data: -1, payload: -1 };
  const limits = {
    ...many,
    imports: -1,
    exports: -1,
    wildcards: true,
    conn: -1,
    leaf: -1,
  };
  const stores = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };
  const ofOperator = sign(operator, operator, "test", { type: "operator" });
  const grant = (to: Pair, more: object) => {
    const claims = { type: "account", limits: { ...limits, ...more } };
    return `${to.getPublicKey()}: ${sign(operator, to, "account", claims)}`;
  };
  const preloaded = `${grant(account, stores)}, ${grant(system, {})}`;
  return {
    config: `operator: ${ofOperator}\nsystem_account: ${system.getPublicKey()}\n` +
      `resolver: MEMORY\nresolver_preload: { ${preloaded} }`,
    /** Content of a credentials file for a new user. */
    createCredentials(): string {
      const user = nkeys.createUser();
      const jwt = sign(account, user, "node", { type: "user", ...many });
      return `-----BEGIN NATS USER JWT-----\n${jwt}\n------END NATS USER JWT------\n\n` +
        `-----BEGIN USER NKEY SEED-----\n${seedOf(user)}\n------END USER NKEY SEED------\n`;
    },
  };
}

type Pair = ReturnType<typeof nkeys.createUser>;

function seedOf(pair: Pair): string {
  return new TextDecoder().decode(pair.getSeed());
}

/** A token as NATS has it, <https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_intro/jwt>. */
function sign(issuer: Pair, subject: Pair, name: string, claims: object): string {
  const body = [
    { typ: "JWT", alg: "ed25519-nkey" },
    {
      jti: crypto.randomUUID(),
      iat: 1_700_000_000,
      iss: issuer.getPublicKey(),
      sub: subject.getPublicKey(),
      name,
      nats: { version: 2, ...claims },
    },
  ].map((part) => encode(text.encode(JSON.stringify(part)))).join(".");
  return `${body}.${encode(issuer.sign(text.encode(body)))}`;
}

function encode(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}
