/**
 * The reference of the API, made from its routes.
 *
 * @module
 */

import { API_ROUTES, type ApiRoute } from "../src/api/mod.ts";

/** As the formatter of the project has it. */
const LINE_WIDTH = 100;

/** A text between single quotes for a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A command that asks a route; `API` and `TOKEN` are variables of the shell. */
export function curlOf({ method, example: { path, body } }: ApiRoute): string {
  const parts = ["curl"];
  if (method !== "GET") parts.push("-X", method);
  parts.push('-H "Authorization: Bearer $TOKEN"', `"$API"${quoted(path)}`);
  if (body !== undefined) {
    parts.push("-H 'Content-Type: application/json'", "-d", quoted(JSON.stringify(body)));
  }
  return parts.join(" ");
}

/** A paragraph in lines as the formatter breaks them. */
function wrapped(text: string): string {
  const lines = [""];
  // Code in marks stays in one line.
  for (const word of text.match(/[^ `]*`[^`]*`[^ ]*|[^ ]+/g) ?? []) {
    const line = lines.at(-1)!;
    if (line === "") lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= LINE_WIDTH) {
      lines[lines.length - 1] = `${line} ${word}`;
    } else lines.push(word);
  }
  return lines.join("\n");
}

interface JsonSchema {
  readonly description?: string;
  readonly default?: unknown;
}

function optionsOf({ query }: ApiRoute): string[] {
  if (query === undefined) return [];
  const rows = Object.entries(query.shape).map(([name, field]) => {
    const { description = "" } = (field.meta() ?? {}) as JsonSchema;
    return `| \`${name}\` | ${description} |`;
  });
  return ["", "| Query | Meaning |", "| ----- | ------- |", ...rows];
}

function routeSection(route: ApiRoute): string {
  const { method, path, scope, summary, description, answers } = route;
  const rows = Object.entries(answers).map(([status, { description }]) =>
    `| ${status} | ${description} |`
  );
  return [
    `### \`${method} ${path}\``,
    "",
    wrapped(
      `${summary}. ${
        scope === "none" ? "Each request needs its own scope." : `Scope \`${scope}\`.`
      }`,
    ),
    ...description === undefined ? [] : ["", wrapped(description)],
    ...optionsOf(route),
    "",
    "| Status | Meaning |",
    "| ------ | ------- |",
    ...rows,
    "",
    "```sh",
    curlOf(route),
    "```",
  ].join("\n");
}

/** One section for each route. */
export function renderApi(): string {
  return `${API_ROUTES.map(routeSection).join("\n\n")}\n`;
}
