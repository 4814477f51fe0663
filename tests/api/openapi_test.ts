import { Validator } from "@seriousme/openapi-schema-validator";
import fc from "fast-check";
import { API_ROUTES } from "../../src/api/mod.ts";
import { assert, assertEquals } from "../helpers/assert.ts";
import { connectionId, spawnActors, startApi } from "./stage.ts";

// deno-lint-ignore no-explicit-any -- a document is read here as any client would
type Json = any;

/** Requests that the fuzzer makes. */
const RUNS = 5_000;

Deno.test("the OpenAPI document is valid and has every route", async () => {
  await using stage = await startApi();
  const { status, body } = await stage.ask("GET", "/openapi.json");
  assertEquals(status, 200);
  const result = await new Validator().validate(structuredClone(body));
  assertEquals([result.valid, result.errors], [true, undefined]);
  for (const { path, method, id, answers } of API_ROUTES) {
    const operation = body.paths[path][method.toLowerCase()];
    assertEquals(operation.operationId, id);
    for (const answer of Object.keys(answers)) {
      assert(operation.responses[answer], `${id} ${answer}`);
    }
  }
  assertEquals((await stage.ask("POST", "/openapi.json")).status, 405);
});

/** Values that have the form of a schema, now and then. */
function valuesOf(schema: Json, document: Json): fc.Arbitrary<unknown> {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split("/").at(-1);
    return valuesOf(document.components.schemas[name], document);
  }
  const anything = fc.oneof(fc.jsonValue(), fc.constant({}), fc.string());
  return fc.oneof({ arbitrary: formOf(schema, document), weight: 6 }, {
    arbitrary: anything,
    weight: 1,
  });
}

function formOf(schema: Json, document: Json): fc.Arbitrary<unknown> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case "object": {
      const fields = Object.fromEntries(
        Object.entries(schema.properties ?? {})
          .map(([name, field]) => [name, valuesOf(field, document)]),
      );
      return fc.record(fields, { requiredKeys: schema.required ?? [] });
    }
    case "array":
      return fc.array(valuesOf(schema.items, document), { maxLength: 5 });
    case "integer":
    case "number":
      return fc.integer({ min: schema.minimum ?? -9, max: schema.maximum ?? 9_999 });
    case "string":
      return fc.oneof(
        fc.string({ maxLength: 50, unit: "binary" }),
        fc.constantFrom("1s", "AQI=", "lobby", "news", "echo", "debug", "/topics", "troupe"),
      );
    default:
      return fc.jsonValue();
  }
}

interface Fuzzed {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

function requestsOf(
  path: string,
  method: string,
  operation: Json,
  document: Json,
  targets: readonly string[],
): fc.Arbitrary<Fuzzed> {
  const parameters: Json[] = operation.parameters ?? [];
  const name = fc.oneof(
    fc.constantFrom(...targets),
    fc.string({ minLength: 1, maxLength: 20, unit: "binary" }),
  );
  const inPath = fc.record(Object.fromEntries(
    parameters.filter((each) => each.in === "path").map((each) => [each.name, name]),
  ));
  const query = fc.record(
    Object.fromEntries(
      parameters.filter((each) => each.in === "query")
        .map((each) => [each.name, valuesOf(each.schema, document)]),
    ),
    { requiredKeys: [] },
  );
  const schema = operation.requestBody?.content["application/json"].schema;
  const body = schema === undefined ? fc.constant(undefined) : valuesOf(schema, document);
  return fc.record({ inPath, query, body }).map(({ inPath, query, body }) => ({
    method: method.toUpperCase(),
    path: withQuery(
      path.replaceAll(/\{(\w+)\}/g, (_, key) => encode((inPath as Json)[key])),
      query,
    ),
    body,
  }));
}

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

function withQuery(path: string, query: object): string {
  const pairs = Object.entries(query).map(([key, value]) =>
    `${encode(key)}=${encode(typeof value === "string" ? value : JSON.stringify(value) ?? "")}`
  );
  return pairs.length === 0 ? path : `${path}?${pairs.join("&")}`;
}

Deno.test(`what the document describes, right or wrong, is never answered with 500 in ${RUNS} requests`, async () => {
  await using stage = await startApi();
  await spawnActors(stage);
  await using _client = await stage.open("/ws");
  await using _chatter = await stage.open("/chat");
  const { body: document } = await stage.ask("GET", "/openapi.json");
  const id = await connectionId(stage, "/ws");
  const targets = ["echo", "chat", "nobody", "lobby", "news", "full", id];
  const requests = Object.entries(document.paths as Json).flatMap(([path, methods]) =>
    Object.entries(methods as Json)
      // What has no end is asked elsewhere.
      .filter(([, operation]) => (operation as Json).operationId !== "tap")
      .map(([method, operation]) => requestsOf(path, method, operation, document, targets))
  );
  const counts = new Map<number, number>();
  const property = fc.asyncProperty(fc.oneof(...requests), async ({ method, path, body }) => {
    const asked = path.replace(/timeout=[^&]*/, "timeout=5ms");
    const isAsk = /\/ask\b/.test(path);
    const url = isAsk && !asked.includes("timeout=") ? withQuery(asked, { timeout: "5ms" }) : asked;
    let got = await stage.ask(method, url, { body });
    // Of the bound on requests, too, this is one.
    while (got.status === 429 && got.body.detail.includes("requests a second")) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      got = await stage.ask(method, url, { body });
    }
    counts.set(got.status, (counts.get(got.status) ?? 0) + 1);
    assert(got.status < 500 || got.status > 500, `${method} ${url} ${JSON.stringify(body)}`);
    if (got.status >= 400) {
      assertEquals([got.body.status, typeof got.body.detail], [got.status, "string"]);
    }
  });
  await fc.assert(property, { numRuns: RUNS, seed: 13 });
  // A fuzzer whose requests are all refused would prove little.
  for (const [status, least] of [[200, 500], [202, 10], [404, 100], [422, 500]] as const) {
    assert((counts.get(status) ?? 0) > least, `${status}: ${counts.get(status)}`);
  }
});
