/**
 * The API over HTTP: from a request to a response.
 *
 * @module
 */

import type { ProcessFunction } from "../actor/mod.ts";
import {
  type Denial,
  type Guard,
  type Holder,
  type PathParams,
  problem,
  problemBody,
  readJsonBody,
  refusePage,
  refuseScope,
  RouteTable,
} from "../http/mod.ts";
import { getLogger, type SpanOptions } from "../telemetry/mod.ts";
import { type Clock, SYSTEM_CLOCK } from "../time/mod.ts";
import type { RequestInfo } from "../websocket/mod.ts";
import { Api, createApiProcess } from "./core.ts";
import { markFailed } from "./deliveries.ts";
import type { ApiHost } from "./host.ts";
import { parse, readQuery, traceHeaders } from "./input.ts";
import { API_BASE, createOpenApi } from "./openapi.ts";
import { type Answer, ApiError, type ApiRoute, type Dispatch } from "./route.ts";
import { API_ROUTES } from "./routes/all.ts";
import { type ApiSocket, createApiSocket, type SocketAnswer } from "./socket.ts";

const log = getLogger(["troupe", "api"]);

/** Longest body of a request, in bytes. */
export const MAX_BODY_BYTES = 1_048_576;

/** Where the WebSocket of the API is. */
export const API_SOCKET_PATH = `${API_BASE}/socket`;

const DOCUMENT_PATH = `${API_BASE}/openapi.json`;

/** What {@linkcode createApi} needs besides its server. */
export interface ApiOptions {
  /** Who may ask. */
  readonly guard: Guard;
  /** Version of the program, for the document. */
  readonly version: string;
  /** Default: the system's. */
  readonly clock?: Clock;
}

/** The API of a server; disposing it undoes what was for a time. */
export interface ApiService extends Disposable {
  /** Whether a path is the API's. */
  owns(pathname: string): boolean;
  /** The same over a WebSocket, at `API_SOCKET_PATH`; its process is to be spawned. */
  readonly socket: ApiSocket;
  /** Answers the questions of other nodes; to be spawned as `API_PROCESS`, also where nobody asks. */
  readonly process: ProcessFunction;
  /** Answers a request. Never rejects. */
  fetch(request: Request, info: RequestInfo): Promise<Response>;
}

/** Makes the API of a server. */
export function createApi(host: ApiHost, options: ApiOptions): ApiService {
  return new HttpApi(host, options);
}

/** What is to be answered, by whoever asked. */
interface Asked {
  readonly method: string;
  readonly pathname: string;
  readonly search: URLSearchParams;
  readonly readBody: () => Promise<unknown>;
  readonly holder: Holder;
  /** What the request's span begins with. */
  readonly span: Pick<SpanOptions, "headers" | "parent">;
  /** False within a batch. */
  readonly isWhole: boolean;
}

class HttpApi implements ApiService {
  readonly process: ProcessFunction;
  readonly socket: ApiSocket;
  readonly #api: Api;
  readonly #guard: Guard;
  readonly #table = new RouteTable(API_ROUTES);
  readonly #document: () => string;

  constructor(host: ApiHost, { guard, version, clock = SYSTEM_CLOCK }: ApiOptions) {
    this.#api = new Api(host, clock);
    this.process = createApiProcess(this.#api);
    this.socket = createApiSocket({
      admit: (token, address) => this.#guard.admitToken(token, true, address),
      ask: (body, holder) => this.#askBatch(body, holder),
    }, API_SOCKET_PATH);
    this.#guard = guard;
    let document: string | undefined;
    // Made when it is first asked for: most servers are never asked.
    this.#document = () => document ??= JSON.stringify(createOpenApi(API_ROUTES, version));
  }

  owns(pathname: string): boolean {
    return pathname === API_BASE || pathname.startsWith(`${API_BASE}/`);
  }

  async fetch(request: Request, info: RequestInfo): Promise<Response> {
    try {
      return await this.#answer(request, info);
    } catch (error) {
      return toProblem(error instanceof ApiError ? error : reportFailure(error));
    }
  }

  [Symbol.dispose](): void {
    this.#api[Symbol.dispose]();
  }

  async #answer(request: Request, info: RequestInfo): Promise<Response> {
    const { method, headers } = request;
    const { remoteAddr, ownHosts, scheme } = info;
    const address = "hostname" in remoteAddr ? remoteAddr.hostname : "";
    const asker = { headers, ownHosts, scheme, address };
    const page = refusePage(asker);
    if (page !== undefined) return this.#deny(page);
    const holder = await this.#guard.admit(asker);
    if ("status" in holder) return this.#deny(holder);
    const { pathname, searchParams: search } = new URL(request.url);
    if (pathname === DOCUMENT_PATH) return this.#answerDocument(method);
    const readBody = async () => {
      const read = await readJsonBody(request, MAX_BODY_BYTES);
      if ("bad" in read) throw new ApiError(read.bad.status, read.bad.detail);
      return read.value;
    };
    const span = { headers: traceHeaders(headers) };
    const asked = { method, pathname, search, readBody, holder, span, isWhole: true };
    return toResponse(await this.#run(asked));
  }

  /** Answers the body of a batch as if it had been posted. Never rejects. */
  async #askBatch(body: unknown, holder: Holder): Promise<SocketAnswer> {
    const readBody = () => Promise.resolve(body);
    const pathname = `${API_BASE}/batch`;
    const search = new URLSearchParams();
    const asked = { method: "POST", pathname, search, readBody, holder, span: {}, isWhole: true };
    try {
      return await readAnswer(await this.#run(asked));
    } catch (error) {
      return toAnswer(error);
    }
  }

  #deny(denial: Denial): Response {
    this.#api.host.node.telemetry.apiRequest("none", denial.cause);
    return toDenial(denial);
  }

  #answerDocument(method: string): Response {
    if (method !== "GET" && method !== "HEAD") {
      return problem(405, { detail: "Method not allowed" }, { allow: "GET, HEAD" });
    }
    return new Response(this.#document(), { headers: JSON_HEADERS });
  }

  async #run(asked: Asked): Promise<Answer> {
    const { method, pathname } = asked;
    const found = this.#table.find(method, pathname.slice(API_BASE.length));
    switch (found.kind) {
      case "none":
        throw new ApiError(404, `There is no ${pathname}`);
      case "malformed":
        throw new ApiError(400, "The path is not encoded as UTF-8 with percent signs");
      case "method":
        return {
          response: problem(405, { detail: `Expected ${found.allow}` }, { allow: found.allow }),
        };
    }
    return await this.#runReported(found.route, found.params, asked);
  }

  /** Runs a route within a span, and counts how it was answered. */
  async #runReported(route: ApiRoute, params: PathParams, asked: Asked): Promise<Answer> {
    const { telemetry } = this.#api.host.node;
    const attributes = { "troupe.api.route": route.id, "http.request.method": asked.method };
    const span = telemetry.span("apiRequest", { ...asked.span, attributes });
    const report = (status: number) => {
      telemetry.apiRequest(route.id, String(status));
      span?.set({ "http.response.status_code": status });
    };
    try {
      const answer = await this.#runRoute(route, params, asked, span?.traceparent);
      report("body" in answer ? answer.status : answer.response.status);
      return answer;
    } catch (error) {
      report(error instanceof ApiError ? error.status : 500);
      if (!(error instanceof ApiError)) markFailed(span, error);
      throw error;
    } finally {
      span?.end();
    }
  }

  async #runRoute(
    route: ApiRoute,
    params: PathParams,
    asked: Asked,
    trace: string | undefined,
  ): Promise<Answer> {
    const { holder, isWhole } = asked;
    if (!isWhole && route.batches === false) {
      throw new ApiError(422, `${route.path} cannot be part of a batch`);
    }
    const denial = route.scope === "none" ? undefined : refuseScope(holder, route.scope);
    if (denial !== undefined) return { response: toDenial(denial) };
    return await this.#perform(route, params, asked, trace);
  }

  async #perform(
    route: ApiRoute,
    given: PathParams,
    asked: Asked,
    trace: string | undefined,
  ): Promise<Answer> {
    const params = parse(route.params, given);
    const query = parse(route.query, readQuery(asked.search));
    const value = route.body === undefined ? undefined : await asked.readBody();
    const body = parse(route.body, value);
    const dispatch = this.#dispatchAs(asked, trace);
    return await route.run(this.#api, { params, query, body, dispatch, trace });
  }

  /** Answers requests of a batch. */
  #dispatchAs({ holder }: Asked, parent: string | undefined): Dispatch {
    const span = { parent };
    return async ({ method, path, body }) => {
      const url = new URL(`http://batch${API_BASE}${path}`);
      const { pathname, searchParams: search } = url;
      const readBody = () => Promise.resolve(body);
      try {
        const asked = { method, pathname, search, readBody, holder, span, isWhole: false };
        return await readAnswer(await this.#run(asked));
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        return toAnswer(error);
      }
    };
  }
}

const JSON_HEADERS = { "content-type": "application/json", "cache-control": "no-store" };

function toResponse(answer: Answer): Response {
  if ("response" in answer) return answer.response;
  const { status, body } = answer;
  return new Response(`${JSON.stringify(body)}\n`, { status, headers: JSON_HEADERS });
}

async function readAnswer(answer: Answer): Promise<SocketAnswer> {
  if ("body" in answer) return answer;
  return { status: answer.response.status, body: await answer.response.json() };
}

/** What was thrown, as an answer; what is not one of the API's is logged. */
function toAnswer(error: unknown): SocketAnswer {
  const { status, detail, members } = error instanceof ApiError ? error : reportFailure(error);
  return { status, body: problemBody(status, { detail, ...members }) };
}

function reportFailure(error: unknown): ApiError {
  log.error("A request to the API failed: {error}", { error });
  return new ApiError(500, "The request failed; the log of the server says why");
}

function toProblem({ status, detail, members }: ApiError): Response {
  return problem(status, { detail, ...members });
}

function toDenial({ status, detail, headers }: Denial): Response {
  return problem(status, { detail }, headers);
}
