import { bodySize, bodySizeAtMost, isLonger } from "../../src/text/body_size.ts";
import { assert, assertEquals } from "../helpers/assert.ts";

Deno.test("bodySize() counts bytes of UTF-8, and bodySizeAtMost() never fewer", () => {
  const sizes = [["", 0], ["abc", 3], ["é", 2], ["€", 3], ["😀", 4], ["\ud800", 3]] as const;
  for (const [body, size] of sizes) {
    assertEquals(bodySize(body), size, Deno.inspect(body));
    assert(bodySizeAtMost(body) >= size);
  }
  assertEquals([bodySize(new Uint8Array(5)), bodySizeAtMost(new Uint8Array(5))], [5, 5]);
});

Deno.test("isLonger() is exact at the limit, for texts of any width", () => {
  for (const body of ["abcdef", "ééé", "€€", "😀é", new Uint8Array(6)]) {
    assertEquals([isLonger(body, 5), isLonger(body, 6), isLonger(body, 18)], [true, false, false]);
  }
});
