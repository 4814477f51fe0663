/**
 * Numbers of several rounds in one.
 *
 * @module
 */

/** What rounds gave. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** The middle value; of an even number the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Median and extremes; `undefined` of none, or if one is not known. */
export function spread(values: readonly (number | undefined)[]): Spread | undefined {
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0 || known.length < values.length) return undefined;
  return { median: median(known), low: Math.min(...known), high: Math.max(...known) };
}

/** Half of the range, over the median: 0.03 reads as ± 3 %. */
export function relativeSpread({ median, low, high }: Spread): number {
  return median === 0 ? 0 : (high - low) / 2 / median;
}

/**
 * Median of the rounds' ratios. Ratios are of neighbours, so that a machine
 * whose speed drifts does not favour either.
 */
export function medianRatio(
  over: readonly (number | undefined)[],
  under: readonly (number | undefined)[],
): number | undefined {
  const ratios = over.flatMap((value, i) => {
    const other = under[i];
    return value === undefined || !other ? [] : [value / other];
  });
  return ratios.length === 0 ? undefined : median(ratios);
}

/** Those of one round, in the order in which it measures them: every other one is reversed. */
export function orderOf<T>(items: readonly T[], round: number): readonly T[] {
  return round % 2 === 0 ? items : items.toReversed();
}
