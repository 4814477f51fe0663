import { assertOptions } from "../../src/text/mod.ts";
import { assertThrows } from "../helpers/assert.ts";

Deno.test("assertOptions() names the option, what it was for, what there is and what was meant", () => {
  assertOptions("create a thing", { colour: 1 }, ["colour", "size"]);
  assertOptions("create a thing", {}, []);
  assertThrows(
    () => assertOptions("create a thing", { size: 1, color: 1 }, ["colour", "size"]),
    TypeError,
    'Cannot create a thing: "color" is no option, expected one of colour, size; ' +
      'did you mean "colour"',
  );
  assertThrows(
    () => assertOptions("create a thing", { color: 1 }, []),
    TypeError,
    'Cannot create a thing: "color" is no option, expected none',
  );
});

Deno.test("assertOptions() refuses options that are no object", () => {
  for (const [options, shown] of [[null, "null"], ["x", '"x"'], [5, "5"], [[], "[]"]] as const) {
    assertThrows(
      () => assertOptions("create a thing", options, ["colour"]),
      TypeError,
      `Cannot create a thing: options are ${shown}, expected an object`,
    );
  }
});
