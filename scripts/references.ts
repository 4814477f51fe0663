/**
 * Writes the tables of the documentation that are made from the code.
 *
 * Usage: `deno run -A scripts/references.ts`. In each page, what stands between
 * the two marks is replaced.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { renderApi } from "./api_reference.ts";
import { renderArchitecture } from "./architecture_reference.ts";
import { renderConfiguration } from "./config_reference.ts";
import { renderTelemetry } from "./telemetry_reference.ts";
import { renderCloseCodes, renderShortcomings } from "./websocket_reference.ts";

/** A page and the part of it that is written here. */
export interface ReferencePage {
  readonly path: string;
  readonly render: () => string;
}

/** Every page with a written part. */
export const REFERENCE_PAGES: readonly ReferencePage[] = [
  { path: pathOf("api"), render: renderApi },
  { path: pathOf("architecture"), render: renderArchitecture },
  { path: pathOf("configuration"), render: renderConfiguration },
  { path: pathOf("close_codes"), render: renderCloseCodes },
  { path: pathOf("telemetry"), render: renderTelemetry },
  { path: pathOf("engines"), render: renderShortcomings },
];

const BEGIN = "<!-- reference: written by scripts/references.ts -->";
const END = "<!-- end of reference -->";

function pathOf(name: string): string {
  return fileURLToPath(new URL(`../docs/${name}.md`, import.meta.url));
}

/** A page's text with the written part put between its marks. */
export function withReference({ path, render }: ReferencePage, text: string): string {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`Cannot write the reference: ${path} has no marks`);
  return `${text.slice(0, begin)}${BEGIN}\n\n${render()}\n${text.slice(end)}`;
}

if (import.meta.main) {
  const paths = REFERENCE_PAGES.map(({ path }) => path);
  for (const page of REFERENCE_PAGES) {
    const text = await Deno.readTextFile(page.path);
    await Deno.writeTextFile(page.path, withReference(page, text));
  }
  // The formatter of the project has the last word on how tables are aligned.
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", ...paths] }).output();
}
