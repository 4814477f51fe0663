import { assert, assertEquals, assertMatch, assertStringIncludes } from "../helpers/assert.ts";
import { createWebAssets, type WebAsset } from "../../src/web/mod.ts";

const webAssets = await createWebAssets(["/ws", "/a&lt'b"], true);
const page: WebAsset = webAssets.get("/")!;

/** `'sha256-…'` of each inline element of that name. */
async function inlineHashes(name: string): Promise<string[]> {
  const elements = page.body.matchAll(new RegExp(`<${name}[^>]*>([\\s\\S]*?)</${name}>`, "g"));
  return await Promise.all(Array.from(elements, async ([, text]) => {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
    return `'sha256-${new Uint8Array(digest).toBase64()}'`;
  }));
}

Deno.test("createWebAssets() gives a page that needs nothing from elsewhere", () => {
  assertEquals(page.contentType, "text/html; charset=utf-8");
  assertMatch(page.body, /^<!DOCTYPE html>\s*<html lang="en">/);
  assert(!page.body.includes("<!-- "), "a placeholder is left");
  assertStringIncludes(page.body, `data-endpoints="%2Fws %2Fa%26lt'b"`);
  const addresses = page.body.match(/(src|href)="[^"]*"|url\([^)]*\)|@import|https?:\/\/[^\s"<]+/g);
  // One is the empty icon, the other an example that the script overwrites.
  assertEquals(addresses?.slice(0, 1), ['href="data:,"']);
  assertEquals([...new Set(addresses!.slice(1))], ["http://localhost:8080"]);
});

Deno.test("createWebAssets() lets the page have its own styles and scripts and nothing else", async () => {
  const policy = page.headers["content-security-policy"]!;
  const [styles, scripts] = [await inlineHashes("style"), await inlineHashes("script")];
  assertEquals([styles.length, scripts.length], [1, 3]);
  assertStringIncludes(policy, `style-src ${styles.join(" ")};`);
  assertStringIncludes(policy, `script-src 'self' ${scripts.join(" ")};`);
  assertStringIncludes(policy, "default-src 'none';");
  assert(!policy.includes("unsafe"), policy);
});

Deno.test("createWebAssets() gives the client for pages of any origin, with its types", () => {
  const client = webAssets.get("/troupe.js")!;
  assertEquals(client.contentType, "text/javascript; charset=utf-8");
  assertEquals(client.headers["access-control-allow-origin"], "*");
  const types = webAssets.get(client.headers["x-typescript-types"]!)!;
  assertEquals(types.contentType, "application/typescript; charset=utf-8");
  assertStringIncludes(types.body, "export class Ws {");
});
