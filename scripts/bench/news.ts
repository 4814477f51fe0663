/**
 * What the subjects of the benchmark `rooms` send to everybody.
 *
 * @module
 */

/** Name of the event. */
export const NEWS_EVENT = "news";

/** Data of the event: with its head a message of 120 bytes. */
export const NEWS_DATA: string = "x".repeat(120 - "m:news;0;".length);

/** The message on the wire. */
export const NEWS_TEXT = `m:${NEWS_EVENT};0;${NEWS_DATA}`;
