/**
 * How V8 keeps what is new.
 *
 * @module
 */

/**
 * Flags that the server runs with, by `deno task dev`, as an executable, and
 * where it is measured.
 *
 * V8 lets its young generation grow to two semi-spaces of 32 MB while connections
 * come in, and keeps it for half a minute after. At half of that a server takes
 * 2.5 KB less for each of 9,000 idle connections and is as fast; at a quarter
 * messages in bulk take a fifth more time.
 *
 * Where many objects of one place in the code outlive two collections, as those of the first
 * messages may, V8 puts all later ones of it among the old ones at once. There an envelope that
 * nobody needs any more keeps its message alive until a full collection: about half of all
 * processes were half as fast with messages of 16 KiB, and which ones was a matter of chance.
 */
export const V8_FLAGS = "--max-semi-space-size=16,--no-allocation-site-pretenuring";
