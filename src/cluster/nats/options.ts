/**
 * How to reach a broker.
 *
 * @module
 */

import { type ConnectionOptions, credsAuthenticator, nkeyAuthenticator } from "@nats-io/nats-core";
import { splitCertificates } from "../../text/mod.ts";

/** Certificates, PEM. */
export interface NatsTls {
  /** Of the authorities that may have signed the broker's certificate. Default: the system's. */
  readonly ca?: string | undefined;
  /** Of this node. */
  readonly cert?: string | undefined;
  /** Private key of `cert`. */
  readonly key?: string | undefined;
}

/** How to reach a NATS server, or a cluster of them, and with what rights. */
export interface NatsOptions {
  /** Such as `nats://127.0.0.1:4222`; `tls://` asks for TLS. */
  readonly servers: string | readonly string[];
  /** Token. */
  readonly token?: string | undefined;
  /** User, with `password`. */
  readonly user?: string | undefined;
  /** Password of `user`. */
  readonly password?: string | undefined;
  /** Seed of an nkey, `SU…`. */
  readonly nkey?: string | undefined;
  /** Content of a credentials file. */
  readonly credentials?: string | undefined;
  /** Certificates. Present: TLS. */
  readonly tls?: NatsTls | undefined;
}

/** Time for one attempt to connect, in milliseconds. */
const CONNECT_TIMEOUT_MS = 3_000;
/** Two of them without an answer: the connection is gone. So a broker that hangs is found in 6 s. */
const PING_MS = 2_000;
const RECONNECT_MS = 250;

/** Options of the client for a node. */
export function toConnectionOptions(options: NatsOptions, node: string): ConnectionOptions {
  const { servers, token, user, password, nkey, credentials, tls } = options;
  const bytes = (text: string) => new TextEncoder().encode(text);
  const needsTls = tls !== undefined || [servers].flat().some((url) => url.startsWith("tls:"));
  return {
    servers: [servers].flat().map(toAddress),
    name: node,
    timeout: CONNECT_TIMEOUT_MS,
    pingInterval: PING_MS,
    maxPingOut: 2,
    reconnectTimeWait: RECONNECT_MS,
    reconnectJitter: RECONNECT_MS,
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true,
    ...token !== undefined && { token },
    ...user !== undefined && { user, pass: password ?? "" },
    ...nkey !== undefined && { authenticator: nkeyAuthenticator(bytes(nkey)) },
    ...credentials !== undefined && { authenticator: credsAuthenticator(bytes(credentials)) },
    ...needsTls && {
      tls: { ...tls, ...tls?.ca !== undefined && { ca: splitCertificates(tls.ca) } },
    },
  } as ConnectionOptions;
}

/** `host:port`: whatever rights stand in an address are not taken from there. */
function toAddress(url: string): string {
  const { hostname, port } = new URL(url);
  return `${hostname}:${port === "" ? DEFAULT_PORT : port}`;
}

const DEFAULT_PORT = 4222;
