/**
 * Results as a chart: a panel for each scenario, a bar for each entry.
 *
 * @module
 */

import type { Spread } from "../statistics.ts";
import { showNumber } from "./table.ts";
import type { RateResult, RateRow, ScenarioResult } from "./types.ts";

const COLUMNS = 2;
/** In pixels. */
const PANEL = { width: 520, head: 34, bar: 18, foot: 14, names: 190, figures: 84 } as const;
const MARGIN = { side: 16, top: 52 } as const;
const BARS = PANEL.width - PANEL.names - PANEL.figures;

const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #24292f; }
  .title { font-weight: 600; font-size: 16px; }
  .panel { font-weight: 600; }
  .page { fill: #ffffff; }
  .peer { fill: #9aa5b1; } .floor { fill: #cfd6dd; } .troupe { fill: #2563eb; }
  .spread { stroke: #24292f; stroke-width: 1; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; } .page { fill: #0d1117; }
    .peer { fill: #6b7785; } .floor { fill: #3d4650; } .troupe { fill: #5b8cff; }
    .spread { stroke: #e6edf3; }
  }`;

/** Scenarios that compare something. */
export function charted(scenarios: readonly ScenarioResult[]): readonly RateResult[] {
  return scenarios.filter((each): each is RateResult =>
    each.kind === "rate" && each.rows.length > 1
  );
}

/** An SVG picture of all scenarios that compare something. */
export function toChart(scenarios: readonly ScenarioResult[]): string {
  const results = charted(scenarios);
  const bottoms: number[] = new Array(COLUMNS).fill(MARGIN.top);
  const panels = results.map((result) => {
    // The next panel goes where there is most room.
    const column = bottoms.indexOf(Math.min(...bottoms));
    const x = MARGIN.side + column * (PANEL.width + MARGIN.side);
    const y = bottoms[column]!;
    bottoms[column]! += PANEL.head + result.rows.length * PANEL.bar + PANEL.foot;
    return panel(result, x, y);
  });
  const width = MARGIN.side + COLUMNS * (PANEL.width + MARGIN.side);
  const height = Math.max(...bottoms);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `viewBox="0 0 ${width} ${height}" role="img" aria-label="Benchmarks of Troupe and peers">
<style>${STYLE}
</style>
<rect class="page" width="${width}" height="${height}"/>
<text class="title" x="${MARGIN.side}" y="32">` +
    `Per CPU second of the server, more is better; the line is the range of the rounds</text>
${panels.join("\n")}
</svg>
`;
}

function panel({ title, unit, rows }: RateResult, x: number, y: number): string {
  const most = Math.max(...rows.map((row) => figure(row).high));
  const bars = rows.map((row, i) => bar(row, x, y + PANEL.head + i * PANEL.bar, most));
  return [
    `<g><title>${escapeXml(title)}</title>`,
    `<text class="panel" x="${x}" y="${y + 20}">${escapeXml(`${title}: ${unit}`)}</text>`,
    ...bars,
    "</g>",
  ].join("\n");
}

function bar(row: RateRow, x: number, y: number, most: number): string {
  const { median, low, high } = figure(row);
  const start = x + PANEL.names;
  const at = (value: number) => (start + value / most * BARS).toFixed(1);
  const middle = y + PANEL.bar / 2;
  return [
    `<text x="${start - 8}" y="${middle + 4}" text-anchor="end">${escapeXml(row.title)}</text>`,
    `<rect class="${kindOf(row.entry)}" x="${start}" y="${y + 2}" ` +
    `width="${(median / most * BARS).toFixed(1)}" height="${PANEL.bar - 4}"/>`,
    `<line class="spread" x1="${at(low)}" x2="${at(high)}" y1="${middle}" y2="${middle}"/>`,
    `<text x="${start + BARS + 8}" y="${middle + 4}">${showNumber(median)}</text>`,
  ].join("\n");
}

/** Per CPU second, where that is known. */
function figure({ perCpuSecond, perSecond }: RateRow): Spread {
  return perCpuSecond ?? perSecond;
}

function kindOf(entry: string): string {
  return entry.startsWith("troupe") ? "troupe" : entry === "floor" ? "floor" : "peer";
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
