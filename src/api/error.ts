/**
 * Errors of the API.
 *
 * @module
 */

/** An error that is answered with a problem. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly detail: string,
    readonly members: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail);
    this.name = "ApiError";
  }
}
