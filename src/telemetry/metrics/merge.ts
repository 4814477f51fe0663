/**
 * The metrics of several threads as those of one program.
 *
 * @module
 */

/** One thread's metrics, in Prometheus' text format. */
export interface ThreadMetrics {
  readonly worker: string;
  readonly text: string;
}

interface Family {
  readonly head: string[];
  /** Values by what stands before them, in the order of their coming. */
  readonly samples: Map<string, number>;
}

const HEAD = /^# (?:HELP|TYPE) (\S+)/;

/**
 * Adds up what is counted. What is a reading of one thread, such as how late its event loop is,
 * gets a label `worker`: `ofThread` says of which names.
 */
export function mergeMetrics(
  threads: readonly ThreadMetrics[],
  ofThread: (name: string) => boolean,
): string {
  const families = new Map<string, Family>();
  for (const { worker, text } of threads) {
    let family: Family = { head: [], samples: new Map() };
    let name = "";
    for (const line of text.split("\n")) {
      const head = HEAD.exec(line)?.[1];
      if (head !== undefined) {
        name = head;
        family = families.get(name) ?? { head: [], samples: new Map() };
        families.set(name, family);
        if (!family.head.includes(line)) family.head.push(line);
        continue;
      }
      // Values have no space in them; labels may.
      const end = line.lastIndexOf(" ");
      if (end < 1) continue;
      const key = ofThread(name) ? withLabel(line.slice(0, end), worker) : line.slice(0, end);
      family.samples.set(key, (family.samples.get(key) ?? 0) + Number(line.slice(end + 1)));
    }
  }
  return [...families.values()].flatMap(({ head, samples }) => [
    ...head,
    ...[...samples].map(([key, value]) => `${key} ${value}`),
  ]).join("\n") + "\n";
}

function withLabel(series: string, worker: string): string {
  const label = `worker="${worker}"}`;
  return series.endsWith("}") ? `${series.slice(0, -1)},${label}` : `${series}{${label}`;
}
