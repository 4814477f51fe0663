/**
 * A collector of OTLP over HTTP with JSON, for the spans of a test.
 *
 * @module
 */

/** Deadline of a wait, in milliseconds. */
const TIMEOUT_MS = 20_000;

/** A span as it was exported. */
export interface ExportedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly kind: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** 2 is an error. */
  readonly statusCode: number;
  /** Name of the library that made it. */
  readonly scope: string;
}

interface KeyValue {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface OtlpSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly kind: number;
  readonly attributes?: readonly KeyValue[];
  readonly status?: { readonly code?: number };
}

interface OtlpTraces {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly {
      readonly scope?: { readonly name: string };
      readonly spans: readonly OtlpSpan[];
    }[];
  }[];
}

/** Listens on a port of the system's choice until disposed. */
export class OtlpCollector implements AsyncDisposable {
  readonly spans: ExportedSpan[] = [];
  /** Names of the metrics that came. */
  readonly metrics: Set<string> = new Set();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  #wake = Promise.withResolvers<void>();

  constructor() {
    const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    this.#server = Deno.serve(options, (request) => this.#receive(request));
  }

  /** What an exporter calls its endpoint. */
  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** Waits until `find` returns something for what has come so far; returns that. */
  async find<T>(what: string, find: () => T | undefined): Promise<T> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.#wake.resolve();
    }, TIMEOUT_MS);
    try {
      for (;;) {
        const found = find();
        if (found !== undefined) return found;
        if (isLate) throw new Error(`Cannot find ${what} in:\n${Deno.inspect(this)}`);
        await this.#wake.promise;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** The first span of a name, past or future. */
  span(name: string): Promise<ExportedSpan> {
    return this.find(`span ${name}`, () => this.spans.find((span) => span.name === name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  async #receive(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const isJson = request.headers.get("content-type") === "application/json";
    if (!isJson) return new Response("expected JSON", { status: 415 });
    const body = await request.json();
    if (pathname === "/v1/traces") this.spans.push(...readSpans(body));
    if (pathname === "/v1/metrics") {
      for (const [, name] of JSON.stringify(body).matchAll(/"name":"(troupe[^"]*)"/g)) {
        this.metrics.add(name!);
      }
    }
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
    return Response.json({});
  }
}

function readSpans({ resourceSpans }: OtlpTraces): ExportedSpan[] {
  return resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ scope, spans }) => spans.map((span) => readSpan(span, scope?.name ?? "")))
  );
}

function readSpan(span: OtlpSpan, scope: string): ExportedSpan {
  const { name, traceId, spanId, parentSpanId = "", kind, attributes = [], status } = span;
  const values = attributes.map(({ key, value }) => [key, Object.values(value)[0]]);
  return {
    name,
    traceId,
    spanId,
    parentSpanId,
    kind,
    attributes: Object.fromEntries(values),
    statusCode: status?.code ?? 0,
    scope,
  };
}
