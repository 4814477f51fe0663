/**
 * Processor time and memory of a process and its descendants (proc(5)).
 *
 * @module
 */

/** What `/proc/PID/stat` says of a process. */
export interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  /** User and system time, with that of children that ended, in clock ticks. */
  readonly ticks: number;
}

const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;

/** Reads a line of `/proc/PID/stat`; `undefined` if it is none. */
export function parseStat(line: string): ProcessStat | undefined {
  // The name before the last parenthesis may hold anything.
  const end = line.lastIndexOf(")");
  const fields = line.slice(end + 2).split(" ").map(Number);
  const [parent, ticks] = [fields[1], [11, 12, 13, 14].map((at) => fields[at] ?? NaN)];
  const sum = ticks.reduce((all, each) => all + each, 0);
  if (end === -1 || parent === undefined || Number.isNaN(sum)) return undefined;
  return { pid: parseInt(line), parent, ticks: sum };
}

/** The process and all that descend from it. */
export function descendants(all: readonly ProcessStat[], root: number): readonly ProcessStat[] {
  const tree = all.filter(({ pid }) => pid === root);
  for (const { pid } of tree) tree.push(...all.filter(({ parent }) => parent === pid));
  return tree;
}

/** Processor time used so far, in seconds; `undefined` where the system does not tell. */
export function treeCpuSeconds(root: number): number | undefined {
  const tree = readTree(root);
  if (tree.length === 0) return undefined;
  return tree.reduce((sum, { ticks }) => sum + ticks, 0) / TICKS_PER_SECOND;
}

/** Resident memory, in bytes; `undefined` where the system does not tell. */
export function treeResidentBytes(root: number): number | undefined {
  const pages = readTree(root).map(({ pid }) => Number(readProc(pid, "statm")?.split(" ")[1]));
  const sum = pages.reduce((all, each) => all + each, 0);
  return sum > 0 ? sum * PAGE_BYTES : undefined;
}

function readTree(root: number): readonly ProcessStat[] {
  try {
    const pids = [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter((it) => it);
    const stats = pids.map((pid) => parseStat(readProc(pid, "stat") ?? ""));
    return descendants(stats.filter((stat) => stat !== undefined), root);
  } catch {
    return [];
  }
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/${file}`);
  } catch {
    // It may have ended since.
    return undefined;
  }
}
