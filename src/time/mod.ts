/**
 * Time: clocks, delays, deadlines.
 *
 * @module
 */

export { assertDelay, type Clock, SYSTEM_CLOCK, type Timer } from "./clock.ts";
export { inTime, LATE } from "./in_time.ts";
export { HELD_UP_MS, heldUpMs, PatientTimer, RunningTime } from "./patience.ts";
