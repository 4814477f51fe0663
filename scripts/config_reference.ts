/**
 * The reference of the configuration, made from its schema.
 *
 * @module
 */

import { isNotAvailable, valuesNotAvailable } from "../src/config/availability.ts";
import { configJsonSchema } from "../src/config/mod.ts";
import { OPTION_ROWS } from "../src/websocket/mod.ts";

interface SchemaNode {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly writeOnly?: boolean;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | false;
  readonly required?: readonly string[];
}

interface Section {
  readonly title: string;
  /** Keys from the outside in; `*` is any key. */
  readonly path: readonly string[];
  readonly node: SchemaNode;
}

function accepted(node: SchemaNode): string {
  if (node.writeOnly === true) return "secret";
  if (node.enum !== undefined) return node.enum.map((value) => `\`${value}\``).join(", ");
  if (node.anyOf !== undefined) {
    const pattern = node.anyOf.map((option) => option.pattern ?? "").join();
    if (pattern.includes("ms|s|m|h")) return "duration";
    if (pattern.includes("KiB")) return "size";
    const number = node.anyOf.find(({ type }) => type === "integer");
    const word = node.anyOf.find(({ type, const: value }) =>
      type === "string" && typeof value === "string"
    );
    if (number !== undefined && word !== undefined) {
      return `\`${word.const}\`, ${number.minimum} to ${number.maximum}`;
    }
    const names = node.anyOf.flatMap((option) => option.enum ?? []);
    if (names.length > 0 && node.anyOf.some(({ type }) => type === "boolean")) {
      return `yes, no, ${names.map((name) => `\`${name}\``).join(", ")}`;
    }
    return node.anyOf.some((option) => option.const === false) ? "`false`, list" : "text or list";
  }
  if (node.type === "integer") return `${node.minimum} to ${node.maximum}`;
  if (node.type === "array") return "list";
  const names: Readonly<Record<string, string>> = { string: "text", boolean: "yes or no" };
  return names[node.type ?? ""] ?? node.type ?? "any";
}

/** A cell of a Markdown table; a bar would end it. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

function availability(path: readonly string[]): string {
  const later = valuesNotAvailable(path).map((value) => ` \`${value}\` is not available yet.`);
  const isLater = path.some((_, index) => isNotAvailable(path.slice(0, index + 1)));
  return later.join("") + (isLater ? " **Not available yet.**" : "");
}

/** What a reload makes of a key of an endpoint. */
function reloading([part, , key]: readonly string[]): string {
  const isLive = OPTION_ROWS.some(([, row]) => row.key === key && row.live === true);
  return part === "endpoints" && isLive ? " A reload takes it over." : "";
}

function row(key: string, path: readonly string[], node: SchemaNode, required: boolean): string {
  const fallback = node.default === undefined ? "–" : `\`${JSON.stringify(node.default)}\``;
  const cells = [
    `\`${key}\``,
    accepted(node),
    required ? "required" : fallback,
    `${node.description ?? ""}${reloading(path)}${availability(path)}`,
  ];
  return `| ${cells.map(cell).join(" | ")} |`;
}

/** Rows of the keys below a node; `prefix` is what stands before them. */
function rows(node: SchemaNode, path: readonly string[], prefix = ""): string[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, below]) => {
    const whole = [...path, key];
    if (below.properties !== undefined) return rows(below, whole, `${prefix}${key}.`);
    return [row(prefix + key, whole, below, node.required?.includes(key) ?? false)];
  });
}

function table({ title, path, node }: Section): string {
  return `### ${title}

| Key | Accepts | Default | Meaning |
| --- | ------- | ------- | ------- |
${rows(node, path).join("\n")}
`;
}

function isPart({ properties, additionalProperties }: SchemaNode): boolean {
  return properties !== undefined || additionalProperties !== undefined;
}

function sections(): Section[] {
  const all = Object.entries((configJsonSchema() as SchemaNode).properties ?? {});
  const keys = all.filter(([key]) => !key.startsWith("$"));
  const single = Object.fromEntries(keys.filter(([, node]) => !isPart(node)));
  const parts = keys.filter(([, node]) => isPart(node)).map(([key, node]) => {
    const each = node.additionalProperties;
    const isLeaf = each === undefined && node.properties === undefined;
    if (isLeaf) return { title: `\`${key}\``, path: [], node: { properties: { [key]: node } } };
    return each
      ? { title: `\`${key}\`, each by its name`, path: [key, "*"], node: each }
      : { title: `\`${key}\``, path: [key], node };
  });
  return [...parts, { title: "Keys by themselves", path: [], node: { properties: single } }];
}

/** The reference: one table for each part of the configuration. */
export function renderConfiguration(): string {
  return sections().map(table).join("\n");
}
