import { toError } from "../../src/events/errors.ts";
import { assertEquals, assertStrictEquals } from "../helpers/assert.ts";

Deno.test("toError() gives back an error as it is, with its stack and cause", () => {
  const error = new TypeError("mine", { cause: 7 });
  assertStrictEquals(toError(error), error);
});

const revoked = Proxy.revocable({}, {});
revoked.revoke();
const throwing = {
  toString() {
    throw new Error("no text");
  },
};

for (
  const [what, thrown, message] of [
    ["a text", "a text", "a text"],
    ["undefined", undefined, "undefined"],
    ["a symbol", Symbol("s"), "Symbol(s)"],
    ["an object without a prototype", Object.create(null), "a thrown object that has no text"],
    ["an object whose toString throws", throwing, "a thrown object that has no text"],
    ["a revoked proxy", revoked.proxy, "a thrown object that has no text"],
  ] as const
) {
  Deno.test(`toError() makes an error of ${what}`, () => {
    const error = toError(thrown);
    assertEquals([error.message, error.cause === thrown], [message, true]);
  });
}
