/**
 * Secrets of a configuration: written there, in an environment variable or in a file.
 *
 * @module
 */

import { resolve } from "node:path";
import * as z from "zod";
import { escapeControls, nodeCrypto, quote, REDACTED } from "../text/mod.ts";
import { ConfigError, type KeyPath, SECRET_EXPECTED, showPath } from "./problems.ts";

/** Where secrets are looked up. */
export interface SecretSources {
  /** Environment variables. Default: those of this process, asked one by one. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** Absolute directory that `file:PATH` starts from. */
  readonly baseDirectory: string;
}

type Source = "text" | "env" | "file";

const REFERENCE = /^(env|file):(.*)$/s;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
const ERROR = `${SECRET_EXPECTED}"env:NAME" of an environment variable, "file:PATH" relative to ` +
  "this file, or the text itself";

/**
 * One secret: `"env:NAME"`, `"file:PATH"` or the text itself. However it is printed, in a log,
 * as JSON or in a message, it is `***`; only `reveal` tells it.
 */
export class Secret {
  readonly #source: Source;
  readonly #given: string;

  private constructor(source: Source, given: string) {
    this.#source = source;
    this.#given = given;
  }

  /** Reads what a configuration has; `undefined` if that is empty or names no variable or file. */
  static parse(text: string): Secret | undefined {
    const [, source, rest] = REFERENCE.exec(text) ?? [];
    if (source === undefined) return text === "" ? undefined : new Secret("text", text);
    const isSound = source === "env" ? VARIABLE.test(rest!) : rest !== "";
    return isSound ? new Secret(source as Source, rest!) : undefined;
  }

  /** Tells whether two are written in the same way. What they refer to may differ all the same. */
  get fingerprint(): string {
    return nodeCrypto().createHash("sha256").update(`${this.#source}:${this.#given}`).digest("hex");
  }

  /**
   * The secret itself. Of a file one end of line at its end is left out.
   *
   * @throws {ConfigError} If the variable is not set, the file cannot be read, or it is empty;
   * `key` is where the configuration has it.
   */
  async reveal(key: KeyPath, sources: SecretSources): Promise<string> {
    const text = await this.#read(key, sources);
    if (text !== "") return text;
    throw refusal(key, `${this.#shown} is empty, expected a secret`);
  }

  /** Never the secret. */
  toString(): string {
    return REDACTED;
  }

  /** Never the secret. */
  toJSON(): string {
    return REDACTED;
  }

  /** Never the secret. */
  [Symbol.for("Deno.customInspect")](): string {
    return REDACTED;
  }

  /** Never the secret. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return REDACTED;
  }

  get #shown(): string {
    return `${this.#source === "env" ? "environment variable" : "file"} ${quote(this.#given)}`;
  }

  async #read(key: KeyPath, { environment, baseDirectory }: SecretSources): Promise<string> {
    if (this.#source === "text") return this.#given;
    try {
      if (this.#source === "file") {
        const text = await Deno.readTextFile(resolve(baseDirectory, this.#given));
        return text.replace(/\r?\n$/, "");
      }
      const text = environment === undefined
        ? Deno.env.get(this.#given)
        : own(environment, this.#given);
      if (text !== undefined) return text;
    } catch (cause) {
      const why = cause instanceof Deno.errors.NotFound
        ? "does not exist"
        : `cannot be read: ${escapeControls((cause as Error).message)}`;
      throw refusal(key, `${this.#shown} ${why}`, cause);
    }
    throw refusal(key, `${this.#shown} is not set`);
  }
}

function own(environment: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(environment, name) ? environment[name] : undefined;
}

function refusal(key: KeyPath, why: string, cause?: unknown): ConfigError {
  return new ConfigError([`Cannot use ${showPath(key)}: ${why}`], { cause });
}

/** A secret, in the schema. Its value is shown nowhere, and a variable for it is taken as text. */
export function secret(): z.ZodType<Secret, string> {
  return z.string({ error: ERROR }).meta({ writeOnly: true }).transform((given, context) => {
    const parsed = Secret.parse(given);
    if (parsed !== undefined) return parsed;
    context.addIssue({ code: "custom", message: ERROR });
    return z.NEVER;
  });
}
