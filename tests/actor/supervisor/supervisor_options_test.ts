import {
  createSupervisor,
  SUPERVISOR_DEFAULTS,
  type SupervisorOptions,
} from "../../../src/actor/mod.ts";
import { assertEquals, assertThrows } from "../../helpers/assert.ts";
import { createStage, idle, watch } from "../stage.ts";

Deno.test("createSupervisor() refuses what it cannot do", () => {
  const child = { id: "a", run: idle };
  const refused: [SupervisorOptions, string][] = [
    [{ children: [child, child] }, `two children have the id "a"`],
    [{ strategy: "simple-one-for-one", children: [] }, "got 0 children, expected one template"],
    [
      { strategy: "simple-one-for-one", children: [child, { ...child, id: "b" }] },
      "got 2 children, expected one template",
    ],
    [{ strategy: "none" as "one-for-one", children: [] }, `got strategy "none", expected "one-for`],
    [
      { children: [{ ...child, restart: "never" as "temporary" }] },
      `got restart "never", expected "permanent", "transient", "temporary"`,
    ],
    [{ children: [{ id: "a", run: "x" as never }] }, `Cannot supervise "a": got a string to run`],
  ];
  for (const [options, text] of refused) {
    assertThrows(() => createSupervisor(options), TypeError, text);
  }
  for (const key of ["intensity", "periodMs", "backoffMs", "maxBackoffMs"]) {
    const options = { children: [], [key]: -1 };
    assertThrows(() => createSupervisor(options), RangeError, `${key}`);
  }
});

Deno.test("createSupervisor() takes undefined for the default", async () => {
  const { node, clock } = createStage();
  // `restart` is an option of each child.
  const { restart: _, ...defaults } = SUPERVISOR_DEFAULTS;
  const options = Object.fromEntries(Object.keys(defaults).map((key) => [key, undefined]));
  let starts = 0;
  const run = () => {
    starts++;
    throw new Error("boom");
  };
  const children = [{ id: "a", run, restart: undefined }];
  const { down } = watch(node, createSupervisor({ ...options, children }));
  await clock.advance(5000);
  assertEquals([(await down).reason, starts], ["panic", 6]);
  await node.stop();
});
