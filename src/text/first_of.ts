/**
 * The first few of many in some order, without sorting all of them.
 *
 * @module
 */

/**
 * The first `limit` items in the order of `compare`. Time grows with the number of items, space
 * with `limit`. Each one that is among the first so far is copied by `keep`, so that the same
 * object may be given again and again with other contents.
 */
export function firstOf<T, K extends T>(
  items: Iterable<T>,
  limit: number,
  compare: (one: T, other: T) => number,
  keep: (item: T) => K,
): K[] {
  const first: K[] = [];
  if (limit < 1) return first;
  for (const item of items) {
    const isFull = first.length === limit;
    if (isFull && compare(item, first[limit - 1]!) >= 0) continue;
    first.splice(placeOf(first, item, compare), 0, keep(item));
    if (isFull) first.pop();
  }
  return first;
}

/** After those that are equal: who came first stays first. */
function placeOf<T>(sorted: readonly T[], item: T, compare: (one: T, other: T) => number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(item, sorted[middle]!) < 0) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** A part of a list of names in their order: those after one, that begin in some way. */
export interface NameWindow {
  /** Default: from the first one. */
  readonly after?: string | undefined;
  /** Default: any. */
  readonly prefix?: string | undefined;
  /** How many at most. */
  readonly limit: number;
}

/** The names that lie in a window, in the order of their UTF-16 units. */
export function namesIn(
  names: Iterable<string>,
  { after, prefix = "", limit }: NameWindow,
): string[] {
  return firstOf(meant(), limit, compareTexts, (name) => name);

  function* meant(): Iterable<string> {
    for (const name of names) {
      if (name.startsWith(prefix) && (after === undefined || name > after)) yield name;
    }
  }
}

/** Compares two texts by their UTF-16 units, as `<` does. */
export function compareTexts(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1;
}
