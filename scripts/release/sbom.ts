/**
 * The packages in the executable, as CycloneDX 1.6 has a bill of materials.
 *
 * @module
 */

/** A package in the lock file. */
interface Locked {
  /** `sha512-` and the hash in Base64. */
  readonly integrity: string;
}

/** What is read of a lock file. */
export interface LockFile {
  /** By `name@version`, with the peers behind `_`. */
  readonly npm: Readonly<Record<string, Locked>>;
}

/** One part of what is released. */
export interface Component {
  readonly type: "library" | "application" | "platform";
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly "bom-ref": string;
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
}

/** What `deno info --json` says of the program. */
export interface ModuleGraph {
  readonly modules: readonly { readonly npmPackage?: string }[];
  readonly npmPackages: Readonly<Record<string, { readonly dependencies: readonly string[] }>>;
}

/** Packages that modules of a graph come from, with those that these need. */
export function packagesOf({ modules, npmPackages }: ModuleGraph): string[] {
  const found = new Set<string>();
  const add = (id: string) => {
    if (found.has(id)) return;
    found.add(id);
    npmPackages[id]?.dependencies.forEach(add);
  };
  for (const { npmPackage } of modules) if (npmPackage !== undefined) add(npmPackage);
  return [...found].toSorted();
}

function splitName(id: string): [name: string, version: string] {
  const at = id.indexOf("@", 1);
  return [id.slice(0, at), id.slice(at + 1).split("_")[0]!];
}

function component(id: string, { integrity }: Locked): Component {
  const [name, version] = splitName(id);
  const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
  const bytes = Uint8Array.fromBase64(integrity.replace("sha512-", ""));
  const hashes = [{ alg: "SHA-512", content: bytes.toHex() }];
  return { type: "library", name, version, purl, "bom-ref": purl, hashes };
}

/** The bill for the packages named, `name@version` each as in the lock file. */
export function createSbom(
  version: string,
  denoVersion: string,
  packages: readonly string[],
  lock: LockFile,
): Record<string, unknown> {
  const troupe = `pkg:npm/troupe@${version}`;
  const deno = `pkg:github/denoland/deno@v${denoVersion}`;
  const found = packages.map((id) => {
    const locked = lock.npm[id];
    if (locked === undefined) throw new Error(`Cannot list ${id}: deno.lock does not have it`);
    return component(id, locked);
  });
  const libraries = [...new Map(found.map((each) => [each.purl, each])).values()]
    .toSorted((a, b) => a.purl < b.purl ? -1 : 1);
  const parts: Component[] = [
    { type: "platform", name: "deno", version: denoVersion, purl: deno, "bom-ref": deno },
    ...libraries,
  ];
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: { type: "application", name: "troupe", version, purl: troupe, "bom-ref": troupe },
    },
    components: parts,
    dependencies: [{ ref: troupe, dependsOn: parts.map(({ purl }) => purl) }],
  };
}
