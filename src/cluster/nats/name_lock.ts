/**
 * Tells whether the last start of a node on this machine still runs: it would hold a lock.
 *
 * @module
 */

import { join } from "node:path";
import { toToken } from "./subjects.ts";

/** Held as long as the process lives, however it ends. */
export class NameLock implements Disposable {
  readonly #file: Deno.FsFile;
  /** The start of the node that had it last, and has ended. */
  readonly previous: string;

  private constructor(file: Deno.FsFile, previous: string) {
    this.#file = file;
    this.previous = previous;
  }

  /** Takes it; `undefined` if another process has it, or there can be none. */
  static async take(
    directory: string | undefined,
    cluster: string,
    node: string,
  ): Promise<NameLock | undefined> {
    if (directory === undefined) return undefined;
    let file: Deno.FsFile | undefined;
    try {
      await Deno.mkdir(directory, { recursive: true, mode: 0o700 });
      const path = join(directory, `${cluster}.${toToken(node)}.lock`);
      file = await Deno.open(path, { read: true, write: true, create: true, mode: 0o600 });
      if (await file.tryLock(true)) {
        const bytes = new Uint8Array(MAX_BYTES);
        const read = await file.read(bytes) ?? 0;
        return new NameLock(file, new TextDecoder().decode(bytes.subarray(0, read)));
      }
    } catch {
      // Without a place for it a name is free when its lease has ended.
    }
    file?.close();
    return undefined;
  }

  /** Notes who has it now. */
  async note(incarnation: string): Promise<void> {
    await this.#file.truncate();
    await this.#file.seek(0, Deno.SeekMode.Start);
    await this.#file.write(new TextEncoder().encode(incarnation));
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

const MAX_BYTES = 64;
