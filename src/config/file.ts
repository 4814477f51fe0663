/**
 * Text of a configuration file to data.
 *
 * @module
 */

import { parse as untypedJsonc } from "@std/jsonc";
import { parse as untypedYaml } from "@std/yaml";
import { visit } from "jsonc-parser";
import { escapeControls, quote } from "../text/mod.ts";
import { ConfigError } from "./problems.ts";

const parseJsonc: (text: string) => unknown = untypedJsonc;
const parseYaml: (text: string) => unknown = untypedYaml;

/** Names of configuration files that are looked for in the working directory. */
export const CONFIG_FILE_NAMES = ["troupe.json", "troupe.jsonc", "troupe.yaml"] as const;

const MAX_TOKEN = 60;

interface SyntaxProblem {
  readonly line: number;
  readonly column: number;
  readonly what: string;
}

function positionOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

function jsoncProblem(text: string, message: string): SyntaxProblem {
  const place = / in JSONC at position (\d+)$/.exec(message);
  if (place === null) return { ...positionOf(text, text.length), what: "unexpected end of file" };
  const what = message.slice(0, place.index).replace(/^Cannot parse JSONC: /, "");
  const shown = what.length > MAX_TOKEN ? `${what.slice(0, MAX_TOKEN)}…` : what;
  return { ...positionOf(text, Number(place[1])), what: shown };
}

function yamlProblem(message: string): SyntaxProblem {
  const place = / at line (\d+), column (\d+)/.exec(message);
  if (place === null) return { line: 1, column: 1, what: message };
  const what = message.slice(0, place.index).replace(/^Cannot [^:]*: /, "");
  return { line: Number(place[1]), column: Number(place[2]), what };
}

/** Of a key that stands twice in one object of JSON, one value would be lost without a word. */
class DuplicateKeyError extends SyntaxError {
  constructor(readonly offset: number, key: string) {
    super(`the key ${quote(key)} stands twice in one object`);
  }
}

/** @throws {DuplicateKeyError} For the first key that an object has twice, however it is written. */
function assertUniqueKeys(text: string): void {
  const open: Set<string>[] = [];
  visit(text, {
    onObjectBegin: () => void open.push(new Set()),
    onObjectEnd: () => void open.pop(),
    onObjectProperty(key, offset) {
      const keys = open.at(-1)!;
      if (keys.has(key)) throw new DuplicateKeyError(offset, key);
      keys.add(key);
    },
  });
}

function parseUniqueJsonc(text: string): unknown {
  const value = parseJsonc(text);
  assertUniqueKeys(text);
  return value;
}

function explain(error: unknown, text: string, isYaml: boolean): string {
  if (error instanceof RangeError) return "it is nested too deeply";
  if (error instanceof DuplicateKeyError) {
    const { line, column } = positionOf(text, error.offset);
    return `line ${line}, column ${column}: ${error.message}`;
  }
  const message = error instanceof Error ? error.message : String(error);
  const { line, column, what } = isYaml ? yamlProblem(message) : jsoncProblem(text, message);
  return `line ${line}, column ${column}: ${escapeControls(what)}`;
}

/**
 * Parses the text of a configuration file by the ending of its name. An empty
 * YAML document is an empty configuration.
 *
 * @throws {ConfigError} With line and column of a syntax error, or if the name
 * ends in none of `.json`, `.jsonc`, `.yaml` and `.yml`.
 */
export function parseConfigText(name: string, text: string): unknown {
  const ending = /\.(?:jsonc?|ya?ml)$/i.exec(name)?.[0].toLowerCase();
  if (ending === undefined) {
    const text = `Cannot read ${quote(name)}: expected a name that ends in .json, .jsonc or .yaml`;
    throw new ConfigError([text]);
  }
  const isYaml = ending.startsWith(".y");
  const body = text.replace(/^\ufeff/, "");
  try {
    return isYaml ? parseYaml(body) ?? {} : parseUniqueJsonc(body);
  } catch (error) {
    const line = `Cannot read ${escapeControls(name)}: ${explain(error, body, isYaml)}`;
    throw new ConfigError([line], { cause: error });
  }
}
