/**
 * Regular expressions of source files, and whether their time is linear.
 *
 * @module
 */

import { isSafe } from "redos-detector";
import { analyse } from "scslre";

/** A regular expression that stands in a source file. */
export interface Pattern {
  readonly path: string;
  readonly line: number;
  readonly source: string;
  readonly flags: string;
}

/**
 * Ways in which a text may match; a pattern that has more, the longer the text is,
 * has no such number.
 */
const MAX_WAYS = 50;

/** Steps of the search for ways; a pattern that needs more counts as one that has no bound. */
const MAX_STEPS = 5_000;

/** Every literal in a script or module, and each `RegExp` that is made of a text. */
export function patternsIn(path: string, text: string): Pattern[] {
  const found: Pattern[] = [];
  const lineOf = (offset: number) => text.slice(0, offset).split("\n").length;
  const add = ({ range: [start] }: { range: [number, number] }, source: string, flags: string) =>
    void found.push({ path, line: lineOf(start), source, flags });
  const made = (node: Deno.lint.NewExpression | Deno.lint.CallExpression) => {
    if (node.callee.type === "Identifier" && node.callee.name === "RegExp") add(node, "RegExp", "");
  };
  const plugin: Deno.lint.Plugin = {
    name: "patterns",
    rules: {
      collect: {
        create: () => ({
          Literal(node) {
            if ("regex" in node && node.regex) add(node, node.regex.pattern, node.regex.flags);
          },
          NewExpression: made,
          CallExpression: made,
        }),
      },
    },
  };
  Deno.lint.runPlugin(plugin, path, text);
  return found;
}

/**
 * What is wrong with a pattern; `undefined` if its time grows with the length of the text.
 *
 * Two analyses are asked, since each is blind to something: one does not see
 * alternatives that overlap, the other not that a search which starts anew with
 * each character cannot begin just anywhere.
 */
export function faultOf({ path, line, source, flags }: Pattern): string | undefined {
  const where = `${path}:${line}`;
  if (source === "RegExp") return `${where}: is made of a text, expected a literal`;
  const [report] = analyse(new RegExp(source, flags)).reports;
  if (report !== undefined) return `${where}: /${source}/${flags} backtracks (${report.type})`;
  const { safe, error } = isSafe(new RegExp(`^(?:${source})`, flags), {
    maxScore: MAX_WAYS,
    maxSteps: MAX_STEPS,
    timeout: Infinity,
  });
  return safe ? undefined : `${where}: /${source}/${flags} is ambiguous (${error})`;
}
