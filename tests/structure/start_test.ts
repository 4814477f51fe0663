import { assertEquals } from "../helpers/assert.ts";
import { moduleGraph } from "./source_tree.ts";

/**
 * Parts of Node that take long to load, and packages that load such: a server that needs
 * one loads it when it knows that it does.
 */
const LATER = [
  "node:crypto",
  "node:http",
  "node:http2",
  "node:https",
  "node:module",
  "node:net",
  "node:tls",
  "node:zlib",
  "npm:@hono/node-server",
  "npm:ws",
];

function isLater(specifier: string): boolean {
  const name = specifier.replace("npm:/", "npm:");
  return LATER.some((later) => name === later || name.startsWith(`${later}@`));
}

Deno.test("the program starts without what only some servers need", async () => {
  const { modules } = await moduleGraph("main.ts");
  const bySpecifier = new Map(modules.map((module) => [module.specifier, module]));
  const seen = new Set<string>();
  const found: string[] = [];
  const visit = (specifier: string) => {
    if (seen.has(specifier)) return;
    seen.add(specifier);
    for (const { code, isDynamic } of bySpecifier.get(specifier)?.dependencies ?? []) {
      const to = code?.specifier;
      if (to === undefined || isDynamic) continue;
      if (isLater(to)) found.push(`${specifier} imports ${to}`);
      visit(to);
    }
  };
  visit(modules.find(({ specifier }) => specifier.endsWith("/main.ts"))!.specifier);
  assertEquals([seen.size > 100, found], [true, []]);
});
