/**
 * Results as tables of Markdown, which are read on a terminal as well.
 *
 * @module
 */

import { relativeSpread, type Spread } from "../statistics.ts";
import type {
  Failure,
  GoalResult,
  MemoryGoal,
  MemoryResult,
  RateResult,
  ScenarioResult,
} from "./types.ts";

/** From this share on the generator bounds what is measured. */
export const BUSY = 0.95;

/** A table with columns of even width; all but the first column to the right. */
export function toTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((cell, i) =>
    Math.max(3, cell.length, ...rows.map((row) => (row[i] ?? "").length))
  );
  const line = (cells: readonly string[]) => {
    const padded = widths.map((width, i) => {
      const cell = cells[i] ?? "";
      return i === 0 ? cell.padEnd(width) : cell.padStart(width);
    });
    return `| ${padded.join(" | ")} |`;
  };
  const rule = widths.map((width, i) => i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`);
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}

/** A number of at least three figures, thousands apart. */
export function showNumber(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

function showSpread(value: Spread | undefined): string {
  if (!value) return "";
  return `${showNumber(value.median)} ± ${(relativeSpread(value) * 100).toFixed(0)} %`;
}

function showMicros(micros: number | undefined): string {
  return micros === undefined ? "" : `${(micros / 1000).toFixed(micros < 9_995 ? 2 : 0)}`;
}

function showShare(share: number | undefined): string {
  if (share === undefined) return "";
  return `${(share * 100).toFixed(0)} %${share >= BUSY ? " (!)" : ""}`;
}

/** One scenario: its table, goals and who is missing. */
export function toSection(result: ScenarioResult): string {
  const table = result.kind === "rate" ? rateTable(result) : memoryTable(result);
  const goals = result.kind === "rate"
    ? result.goals.map((goal) => showGoal(goal, result))
    : result.goals.flatMap((goal) => showMemoryGoal(goal, result));
  const failures = result.failures.map(showFailure);
  const notes = [...goals, ...failures].map((note) => `- ${note}`).join("\n");
  return notes === "" ? table : `${table}\n\n${notes}`;
}

function rateTable({ unit, rows }: RateResult): string {
  const hasLatency = rows.some(({ latencyMicros }) => latencyMicros);
  const head = ["", `${unit} per second`, "per CPU second", "generator"];
  const latency = hasLatency ? ["p50 ms", "p90", "p99", "p99.9", "max"] : [];
  return toTable(
    [...head, ...latency],
    rows.map(({ title, perSecond, perCpuSecond, generatorShare, latencyMicros }) => {
      const { p50, p90, p99, p999, max } = latencyMicros ?? {};
      const figures = [
        title,
        showSpread(perSecond),
        showSpread(perCpuSecond),
        showShare(generatorShare),
      ];
      return hasLatency ? [...figures, ...[p50, p90, p99, p999, max].map(showMicros)] : figures;
    }),
  );
}

function memoryTable({ rows }: MemoryResult): string {
  const times = rows[0]?.bytes.map(({ afterSeconds }) => `after ${afterSeconds} s`) ?? [];
  return toTable(
    ["bytes for each", ...times],
    rows.map(({ title, bytes }) => [
      title,
      ...bytes.map((each) => each.bytes === undefined ? "" : showNumber(each.bytes)),
    ]),
  );
}

/** "Troupe is 0.95 × Floor (goal 0.93: reached)". */
export function showGoal({ entry, over, ratio, goal }: GoalResult, { rows }: RateResult): string {
  const nameOf = (id: string) => rows.find((row) => row.entry === id)?.title ?? id;
  const claim = `goal ${goal.toFixed(2)}`;
  if (ratio === undefined) return `${nameOf(entry)} over ${nameOf(over)}: not measured (${claim})`;
  const verdict = ratio >= goal ? "reached" : "MISSED";
  return `${nameOf(entry)} is ${ratio.toFixed(2)} × ${nameOf(over)} (${claim}: ${verdict})`;
}

/** "Troupe takes 8,900 bytes after 5 s (goal 9,000: reached)"; nothing of times not looked at. */
function showMemoryGoal(goal: MemoryGoal, { rows }: MemoryResult): readonly string[] {
  const row = rows.find(({ entry }) => entry === goal.entry);
  const bytes = row?.bytes.find((each) => each.afterSeconds === goal.afterSeconds)?.bytes;
  if (row === undefined || bytes === undefined) return [];
  const verdict = bytes <= goal.bytes ? "reached" : "MISSED";
  return [
    `${row.title} takes ${showNumber(bytes)} bytes after ${goal.afterSeconds} s ` +
    `(goal ${showNumber(goal.bytes)}: ${verdict})`,
  ];
}

/** "Bun is missing: …". */
export function showFailure({ title, reason }: Failure): string {
  return `${title} is missing: ${reason}`;
}
