/**
 * What a Prometheus server would read.
 *
 * @module
 */

import untypedParse from "parse-prometheus-text-format";
import { assertEquals } from "./assert.ts";

interface Sample {
  readonly value?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** One metric as the parser gives it. */
export interface Family {
  readonly name: string;
  readonly help: string;
  /** That of histograms is `"UNTYPED"`; `_bucket`, `_count` and `_sum` are metrics of their own. */
  readonly type: "COUNTER" | "GAUGE" | "SUMMARY" | "UNTYPED";
  readonly metrics: readonly Sample[];
}

const parse = untypedParse as unknown as (text: string) => readonly Family[];

/** The metrics of one reading. */
export interface Reading {
  readonly families: readonly Family[];
  /** Value of the sample with these labels and no others; `undefined` if there is none. */
  value(name: string, labels?: Readonly<Record<string, string>>): number | undefined;
  /** Count of a histogram. */
  count(name: string, labels?: Readonly<Record<string, string>>): number | undefined;
}

/** Parses metrics in the text format. */
export function readPrometheus(text: string): Reading {
  // The parser fails at histograms with labels, unless it is not told that they are some.
  const families = parse(text.replaceAll(/^# TYPE .* histogram\n/gm, ""));
  const sample = (name: string, labels: Readonly<Record<string, string>>) =>
    families.filter((family) => family.name === name).flatMap(({ metrics }) => metrics)
      .find((metric) => sameLabels(metric.labels ?? {}, labels));
  const toNumber = (value: string | undefined) => value === undefined ? undefined : Number(value);
  return {
    families,
    value: (name, labels = {}) => toNumber(sample(name, labels)?.value),
    count: (name, labels = {}) => toNumber(sample(`${name}_count`, labels)?.value),
  };
}

/** Asks a server for its metrics. */
export async function fetchMetrics(port: number): Promise<Reading> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  const type = response.headers.get("content-type");
  assertEquals([response.status, type], [200, "text/plain; version=0.0.4; charset=utf-8"]);
  return readPrometheus(await response.text());
}

function sameLabels(
  a: Readonly<Record<string, string>>,
  b: Readonly<Record<string, string>>,
): boolean {
  return JSON.stringify(Object.entries(a).toSorted()) ===
    JSON.stringify(Object.entries(b).toSorted());
}
