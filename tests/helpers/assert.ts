/**
 * The assertions of this suite: a typed door to `@std/assert`.
 *
 * @module
 */

import {
  assert as untypedAssert,
  assertEquals as untypedEquals,
  assertExists as untypedExists,
  AssertionError as untypedAssertionError,
  assertMatch as untypedMatch,
  assertNotEquals as untypedNotEquals,
  assertNotMatch as untypedNotMatch,
  assertStringIncludes as untypedStringIncludes,
} from "@std/assert";

// deno-lint-ignore no-explicit-any -- a class whatever it is made with
type ErrorClass<E extends Error> = abstract new (...args: any[]) => E;

/** What every failed assertion throws. */
export const AssertionError: new (message: string) => Error = untypedAssertionError;

/** Fails unless the condition holds. */
export const assert: (
  condition: unknown,
  message?: string,
) => asserts condition = untypedAssert;

/** Fails unless both are deeply equal. */
export const assertEquals: <T>(
  actual: T,
  expected: T,
  message?: string,
) => void = untypedEquals;

/** Fails if both are deeply equal. */
export const assertNotEquals: <T>(
  actual: T,
  expected: T,
  message?: string,
) => void = untypedNotEquals;

/** Fails on `undefined` and `null`. */
export const assertExists: <T>(
  actual: T,
  message?: string,
) => asserts actual is NonNullable<T> = untypedExists;

/** Fails unless the text contains the other. */
export const assertStringIncludes: (
  actual: string,
  expected: string,
  message?: string,
) => void = untypedStringIncludes;

/** Fails unless the pattern matches. */
export const assertMatch: (
  actual: string,
  expected: RegExp,
  message?: string,
) => void = untypedMatch;

/** Fails if the pattern matches. */
export const assertNotMatch: (
  actual: string,
  expected: RegExp,
  message?: string,
) => void = untypedNotMatch;

/** Fails at once. */
export function fail(message: string): never {
  throw new AssertionError(message);
}

/** Fails unless both are the same value by `Object.is`. */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  message?: string,
): asserts actual is T {
  if (!Object.is(actual, expected)) {
    fail(
      `${note(message)}Expected ${show(actual)} to be the same as ${show(expected)}`,
    );
  }
}

/** Fails unless the value is an instance of the class. */
export function assertInstanceOf<T>(
  actual: unknown,
  // deno-lint-ignore no-explicit-any -- a class whatever it is made with
  expected: abstract new (...args: any[]) => T,
  message?: string,
): asserts actual is T {
  if (!(actual instanceof expected)) {
    fail(
      `${note(message)}Expected ${show(actual)} to be an instance of ${expected.name}`,
    );
  }
}

/** Fails unless `actual > bound`. */
export function assertGreater(
  actual: number,
  bound: number,
  message?: string,
): void {
  if (!(actual > bound)) fail(`${note(message)}Expected ${actual} > ${bound}`);
}

/** Fails unless `actual >= bound`. */
export function assertGreaterOrEqual(
  actual: number,
  bound: number,
  message?: string,
): void {
  if (!(actual >= bound)) {
    fail(`${note(message)}Expected ${actual} >= ${bound}`);
  }
}

/** Fails unless `actual < bound`. */
export function assertLess(
  actual: number,
  bound: number,
  message?: string,
): void {
  if (!(actual < bound)) fail(`${note(message)}Expected ${actual} < ${bound}`);
}

/** Fails unless `actual <= bound`. */
export function assertLessOrEqual(
  actual: number,
  bound: number,
  message?: string,
): void {
  if (!(actual <= bound)) {
    fail(`${note(message)}Expected ${actual} <= ${bound}`);
  }
}

/** Fails unless the function throws such an error, and returns the error. */
export function assertThrows<E extends Error = Error>(
  run: () => unknown,
  errorClass?: ErrorClass<E>,
  messageIncludes?: string,
): E {
  try {
    run();
  } catch (error) {
    return checkError(error, errorClass, messageIncludes);
  }
  fail(`Expected ${wanted(errorClass)} to be thrown`);
}

/** Fails unless the promise rejects with such an error, and returns the error. */
export async function assertRejects<E extends Error = Error>(
  run: (() => PromiseLike<unknown>) | PromiseLike<unknown>,
  errorClass?: ErrorClass<E>,
  messageIncludes?: string,
): Promise<E> {
  // Outside of the try: a synchronous throw is not a rejection.
  const promise = typeof run === "function" ? run() : run;
  try {
    await promise;
  } catch (error) {
    return checkError(error, errorClass, messageIncludes);
  }
  fail(`Expected a rejection with ${wanted(errorClass)}`);
}

function checkError<E extends Error>(
  error: unknown,
  errorClass: ErrorClass<E> | undefined,
  messageIncludes: string | undefined,
): E {
  if (!(error instanceof (errorClass ?? Error))) {
    fail(`Expected ${wanted(errorClass)}, got ${show(error)}`);
  }
  const text = (error as Error).message;
  if (messageIncludes !== undefined && !text.includes(messageIncludes)) {
    fail(
      `Expected an error with ${show(messageIncludes)} in its text, got ${show(text)}`,
    );
  }
  return error as E;
}

function wanted(errorClass: { readonly name: string } | undefined): string {
  return errorClass === undefined ? "an error" : `a ${errorClass.name}`;
}

function note(message: string | undefined): string {
  return message === undefined ? "" : `${message}: `;
}

function show(value: unknown): string {
  return Deno.inspect(value, { strAbbreviateSize: 400 });
}
