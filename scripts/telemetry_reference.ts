/**
 * The tables of metrics and spans.
 *
 * @module
 */

import { LINK_METRICS, METRICS, SHARD_METRICS, SPANS } from "../src/telemetry/mod.ts";

/** Names in code marks, or a dash. */
function listed(names: readonly string[]): string {
  return names.length === 0 ? "–" : names.map((name) => `\`${name}\``).join(", ");
}

/** One row for each metric, then one for each span. */
export function renderTelemetry(): string {
  const all = [
    ...Object.values(METRICS),
    ...LINK_METRICS.map(([definition]) => definition),
    ...SHARD_METRICS.map(({ definition }) => definition),
  ];
  const metrics = all.map(({ name, kind, unit, attributes, description }) =>
    `| \`${name}\` | ${kind} | \`${unit}\` | ${listed(attributes)} | ${description} |`
  );
  const spans = Object.values(SPANS).map(({ name, parent, attributes, description }) =>
    `| \`${name}\` | ${parent} | ${listed(attributes)} | ${description} |`
  );
  return `### Metrics

| Name | Kind | Unit | Attributes | What it counts |
| ---- | ---- | ---- | ---------- | -------------- |
${metrics.join("\n")}

### Spans

| Name | Child of | Attributes | What it spans |
| ---- | -------- | ---------- | ------------- |
${spans.join("\n")}
`;
}
