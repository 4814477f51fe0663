/**
 * The version of this build.
 *
 * @module
 */

/** Version of Troupe, the same as in its manifest. */
export const VERSION = "0.1.0";
