/**
 * What sends events and native messages to somebody.
 *
 * @module
 */

/** Sends events and native messages to somebody (seed 003: Emitter). */
export interface Emitter {
  /**
   * Sends an event. Strings, finite numbers, booleans and bytes go as such, no
   * data as an empty string, everything else as JSON. It is encoded once, for
   * however many.
   *
   * @returns How many connections of this node accepted it; nothing more is promised.
   * @throws {TypeError} If the name is empty or has a `;`, or the data cannot be encoded.
   */
  emit(event: string, data?: unknown): number;
  /**
   * Sends a native message: text, unless `binaryMessages` is set or the bytes
   * are no UTF-8.
   *
   * @returns How many connections of this node accepted it.
   */
  emitMessage(body: string | Uint8Array): number;
}
