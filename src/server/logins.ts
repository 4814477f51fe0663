/**
 * Who may connect to the endpoints of a server.
 *
 * @module
 */

import { resolve } from "node:path";
import { acceptTokens, createTokenReader, type JwtOptions, resolveJwt } from "../auth/mod.ts";
import type { Config, JwtConfig, SecretSources } from "../config/mod.ts";
import { ServerStartError } from "../http/mod.ts";
import type { Telemetry } from "../telemetry/mod.ts";
import type { Accept } from "../websocket/mod.ts";

/** Something that says who may connect, by the path of the endpoint. */
export type Logins = ReadonlyMap<string, Accept>;

/**
 * Makes the logins of a configuration.
 *
 * @throws {ConfigError} If a secret cannot be read.
 * @throws {ServerStartError} If a key cannot be used.
 */
export async function prepareLogins(
  config: Config,
  sources: SecretSources,
  telemetry: Telemetry,
): Promise<Logins> {
  const logins = new Map<string, Accept>();
  for (const [path, { auth }] of Object.entries(config.endpoints)) {
    if (auth === undefined) continue;
    const options = await readJwt(path, auth.jwt, sources);
    try {
      const resolved = resolveJwt(options);
      const tell = (outcome: string) => telemetry.login(path, outcome);
      logins.set(path, acceptTokens(createTokenReader(resolved), resolved, tell));
    } catch (cause) {
      const text = `Cannot serve ${path}: auth.jwt: ${(cause as Error).message}`;
      throw new ServerStartError("auth_failed", text, { cause });
    }
  }
  return logins;
}

async function readJwt(
  path: string,
  { secret, publicKey, jwks, issuer, audience, ...rest }: JwtConfig,
  sources: SecretSources,
): Promise<JwtOptions> {
  const key = (name: string) => ["endpoints", path, "auth", "jwt", name];
  return {
    ...rest,
    ...issuer !== undefined && { issuer },
    ...audience !== undefined && { audience },
    ...secret !== undefined && { secret: await secret.reveal(key("secret"), sources) },
    ...publicKey !== undefined && { publicKey: await publicKey.reveal(key("publicKey"), sources) },
    ...jwks !== undefined && { jwks: await readSet(path, jwks, sources) },
  };
}

async function readSet(path: string, jwks: string, { baseDirectory }: SecretSources) {
  if (URL.canParse(jwks) && /^https?:/.test(jwks)) return jwks;
  try {
    return await Deno.readTextFile(resolve(baseDirectory, jwks));
  } catch (cause) {
    const text = `Cannot serve ${path}: auth.jwt.jwks ${JSON.stringify(jwks)} is neither a URL ` +
      "nor a file that can be read";
    throw new ServerStartError("auth_failed", text, { cause });
  }
}
