/**
 * Tokens of the API and what each may do.
 *
 * @module
 */

import { nodeCrypto } from "../../text/mod.ts";

/** What a token may do. `admin` is closing, stopping and the log, and all of the others. */
export type Scope = "read" | "send" | "publish" | "admin";

/** All scopes. */
export const SCOPES = ["read", "send", "publish", "admin"] as const satisfies readonly Scope[];

/** A token and who has it. */
export interface AccessToken {
  /** Who has it, for logs. */
  readonly name: string;
  readonly token: string;
  readonly scopes: readonly Scope[];
}

/** Who asks. */
export type Holder = Pick<AccessToken, "name" | "scopes">;

function digest(token: string): Uint8Array {
  return nodeCrypto().createHash("sha256").update(token).digest();
}

/** The tokens of a server. */
export class Tokens {
  readonly #tokens: readonly AccessToken[];
  #digests: readonly { readonly digest: Uint8Array; readonly holder: Holder }[] | undefined;

  constructor(tokens: readonly AccessToken[]) {
    this.#tokens = tokens;
  }

  /** Made when first asked for. */
  get #known() {
    return this.#digests ??= this.#tokens.map(({ name, token, scopes }) => ({
      digest: digest(token),
      holder: Object.freeze({ name, scopes }),
    }));
  }

  /**
   * Whose a token is. It takes the same time whatever is given: digests of one length are
   * compared, with all of them.
   */
  find(token: string): Holder | undefined {
    const { timingSafeEqual } = nodeCrypto();
    const given = digest(token);
    let found: Holder | undefined;
    for (const { digest, holder } of this.#known) {
      if (timingSafeEqual(given, digest)) found = holder;
    }
    return found;
  }
}

/** Whether somebody may do what needs a scope. */
export function hasScope({ scopes }: Holder, scope: Scope): boolean {
  return scopes.includes(scope) || scopes.includes("admin");
}

/** A token that nobody can guess: 256 bits. */
export function createToken(): string {
  return crypto.getRandomValues(new Uint8Array(32)).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
}

const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i;

/** The token of an `Authorization` header (RFC 6750, section 2.1). */
export function bearerOf(header: string | null): string | undefined {
  return header === null ? undefined : BEARER.exec(header)?.[1];
}
