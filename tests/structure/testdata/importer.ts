// Read by arrows_test.ts: one import of each kind.
import type { Shape } from "./type_only.ts";
import { value } from "./value.ts";

export { again } from "./reexport.ts";

export type Queried = import("./type_query.ts").Queried;

export async function load(): Promise<Shape[]> {
  const { dynamic } = await import("./dynamic.ts");
  return [value, dynamic];
}
