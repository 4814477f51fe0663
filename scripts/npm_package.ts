/**
 * Writes the npm package: the bundle, a launcher, and types for editors.
 *
 * Usage: `deno task npm`; the package is in `dist/npm`, for `npm pack` or `npm publish`.
 *
 * @module
 */

import { dirname, join } from "node:path";
import ts from "typescript";
import manifest from "../deno.json" with { type: "json" };
import { bundledPath, filesBelow, ROOT, writeBundle } from "./bundle.ts";
import { RUNTIME_FLAGS } from "./compile.ts";

/** Version of the runtime that the server is tested with. */
export const DENO_VERSION = "2.9.6";

/** `types` and `default` of each door, by its name. */
function doors(): Record<string, { types: string; default: string }> {
  const entries = Object.entries(manifest.exports).filter(([name]) => name !== "./main");
  return Object.fromEntries(entries.map(([name, path]) => {
    const file = bundledPath(path);
    const types = `./types/${file.replace(/\.js$/, ".d.ts")}`;
    return [name, { types, default: `./bundle/${file}` }];
  }));
}

/** What `package.json` says. */
export function packageJson(): Record<string, unknown> {
  return {
    name: "troupe",
    version: manifest.version,
    description: "WebSocket server in which every connection is an actor with an address",
    license: manifest.license,
    type: "module",
    bin: { troupe: "bin/troupe.js" },
    exports: { ...doors(), "./package.json": "./package.json" },
    files: ["bin", "bundle", "types"],
    engines: { node: ">=20" },
    dependencies: {
      "@opentelemetry/api": manifest.imports["@opentelemetry/api"].split("@").at(-1),
      deno: DENO_VERSION,
    },
  };
}

/** Declarations of one module, which needs no other for them. */
export function declarationsOf(path: string, source: string): string {
  const { outputText } = ts.transpileDeclaration(source, {
    fileName: path,
    compilerOptions: { isolatedDeclarations: true, strict: true, stripInternal: true },
  });
  return outputText.replaceAll(/(from |import\()"(\.[^"]+)\.ts"/g, '$1"$2.js"');
}

async function writeTypes(folder: string): Promise<void> {
  for await (const path of filesBelow(join(ROOT, "src"))) {
    const isTypes = path.endsWith(".d.ts");
    if (!path.endsWith(".ts")) continue;
    const source = await Deno.readTextFile(path);
    const target = join(folder, path.slice(ROOT.length + 1).replace(/(\.d)?\.ts$/, ".d.ts"));
    await Deno.mkdir(dirname(target), { recursive: true });
    await Deno.writeTextFile(target, isTypes ? source : declarationsOf(path, source));
  }
}

/** Writes the package into a folder. */
export async function writePackage(folder: string): Promise<void> {
  await writeBundle(join(folder, "bundle"));
  await writeTypes(join(folder, "types"));
  await Deno.mkdir(join(folder, "bin"), { recursive: true });
  const source = join(ROOT, "packaging/npm");
  await Deno.copyFile(join(source, "launcher.js"), join(folder, "bin/troupe.js"));
  await Deno.chmod(join(folder, "bin/troupe.js"), 0o755);
  const flags = `${JSON.stringify(RUNTIME_FLAGS)}
`;
  await Deno.writeTextFile(join(folder, "bin/flags.json"), flags);
  await Deno.copyFile(join(source, "README.md"), join(folder, "README.md"));
  await Deno.copyFile(join(ROOT, "LICENSE"), join(folder, "LICENSE"));
  const text = `${JSON.stringify(packageJson(), null, 2)}\n`;
  await Deno.writeTextFile(join(folder, "package.json"), text);
}

if (import.meta.main) await writePackage(join(ROOT, "dist/npm"));
