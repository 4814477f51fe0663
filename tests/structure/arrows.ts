/**
 * Which room of the code may import which, and what breaks it.
 *
 * @module
 */

/** One import between two files, paths relative to the repository. */
export interface Import {
  readonly from: string;
  readonly to: string;
}

const CORE = ["telemetry", "actor", "websocket", "events", "topics", "cluster", "web"] as const;

/** The only arrows between rooms: importer to imported. */
export const ARROWS: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ["telemetry", []],
  ["actor", ["telemetry"]],
  ["websocket", ["actor", "telemetry"]],
  ["events", ["websocket", "actor", "telemetry"]],
  ["topics", ["websocket", "actor", "telemetry"]],
  ["cluster", ["actor", "telemetry"]],
  ["web", []],
  ["server", CORE],
  ["cli", ["server", "telemetry"]],
  // The public door and the executable are files, not rooms.
  ["src/mod.ts", [...CORE, "server"]],
  ["main.ts", ["cli"]],
]);

/** One line for each import that the arrows do not allow, and one for each cycle. */
export function findViolations(imports: readonly Import[]): string[] {
  const wrong = imports.flatMap((each) => judgeImport(each) ?? []);
  const cycles = findCycles(imports).map((path) => `cycle: ${path.join(" → ")}`);
  return [...wrong, ...cycles];
}

function judgeImport({ from, to }: Import): string | undefined {
  const importer = roomOf(from);
  const imported = roomOf(to);
  const arrow = `${from} → ${to}`;
  const allowed = ARROWS.get(importer);
  if (allowed === undefined) return `${arrow}: ${importer} is no room of the design`;
  if (importer === imported) return undefined;
  if (!allowed.includes(imported)) {
    return `${arrow}: ${importer} may import ${allowed.join(", ") || "no other room"}`;
  }
  return to === `src/${imported}/mod.ts` ? undefined : `${arrow}: past the door of ${imported}`;
}

/** Room of a file in `src/<room>/`; any other file stands for itself. */
function roomOf(path: string): string {
  return /^src\/([^/]+)\/.+$/.exec(path)?.[1] ?? path;
}

/** Each cycle once, as the files along it with the first one repeated at the end. */
export function findCycles(imports: readonly Import[]): string[][] {
  const next = Map.groupBy(imports, (each) => each.from);
  const finished = new Set<string>();
  const cycles: string[][] = [];
  const visit = (file: string, path: readonly string[]) => {
    const start = path.indexOf(file);
    if (start !== -1) cycles.push([...path.slice(start), file]);
    if (start !== -1 || finished.has(file)) return;
    for (const { to } of next.get(file) ?? []) visit(to, [...path, file]);
    finished.add(file);
  };
  for (const file of next.keys()) visit(file, []);
  return cycles;
}
