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

const GROUND = ["text", "time"] as const;
const CORE = ["websocket", "actor", "telemetry", ...GROUND] as const;
const BEHAVIORS = ["behaviors", "events", "topics", "programs"] as const;

/** The only arrows between rooms: importer to imported. */
export const ARROWS: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ["text", []],
  ["time", []],
  ["telemetry", GROUND],
  ["actor", ["telemetry", ...GROUND]],
  ["cluster", ["actor", "telemetry", ...GROUND]],
  ["websocket", ["actor", "telemetry", ...GROUND]],
  ["programs", ["actor", "telemetry", ...GROUND]],
  ["auth", CORE],
  ["webhooks", CORE],
  ["events", CORE],
  ["topics", CORE],
  ["behaviors", ["events", "topics", "programs", "websocket", "actor", "text"]],
  ["http", ["websocket", "telemetry", ...GROUND]],
  ["api", ["http", "websocket", "actor", "telemetry", ...GROUND]],
  ["dashboard", ["api", "web", "http", "actor", "telemetry", "text"]],
  ["web", []],
  ["config", ["auth", "webhooks", "http", ...BEHAVIORS, ...CORE, "cluster", "workers"]],
  ["client", ["websocket", "actor", ...GROUND]],
  ["workers", ["cluster", "actor", "telemetry"]],
  [
    "server",
    [
      "workers",
      "config",
      "dashboard",
      "api",
      "web",
      "auth",
      "webhooks",
      "http",
      ...BEHAVIORS,
      "cluster",
      ...CORE,
    ],
  ],
  ["cli", ["server", "config", "client", "telemetry", "text"]],
  // The public doors and the executable are files, not rooms.
  ["testing", ["websocket", "actor", ...GROUND]],
  ["src/mod.ts", ["server", "config", "web", ...BEHAVIORS, ...CORE]],
  [
    "doors",
    ["testing", "server", "config", "web", "auth", "workers", "cluster", ...BEHAVIORS, ...CORE],
  ],
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
