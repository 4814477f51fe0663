/**
 * The proxies of the page about deployment, in front of a server on this machine, with
 * the configurations that the page shows.
 *
 * @module
 */

import { join } from "node:path";
import { parseConfig, serve, type Server } from "../../src/doors/server.ts";
import { debianProgram, type Need } from "../helpers/needs.ts";
import { Program } from "../helpers/program.ts";
import { ROOT } from "../structure/source_tree.ts";

/** A part of the page that is fenced with the name of a language. */
export async function samplesOf(language: string): Promise<string[]> {
  const page = await Deno.readTextFile(join(ROOT, "docs/deployment.md"));
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, "gm"))]
    .map(([, text]) => text!);
}

/** Ports and folder of one run of a proxy. */
interface Place {
  /** Where the proxy listens. */
  readonly port: number;
  /** Where the server does. */
  readonly serverPort: number;
  readonly folder: string;
  /** In the place of the page's 120 s. */
  readonly idle: string;
}

/** How a proxy is run. */
export interface Proxy {
  readonly name: string;
  readonly need: Need;
  /** Whether it cuts off what is idle. */
  readonly hasIdleTimeout: boolean;
  /** The page's configuration in a place, and the arguments that run it. */
  readonly configure: (sample: string, place: Place) => readonly [text: string, ...string[]];
}

/** A text with one part replaced, which has to be there. */
function swap(text: string, ...pairs: readonly (readonly [from: string, to: string])[]): string {
  return pairs.reduce((result, [from, to]) => {
    if (!result.includes(from)) throw new Error(`Cannot find ${from} in the page`);
    return result.replaceAll(from, to);
  }, text);
}

/** All proxies of the page. */
export const PROXIES: readonly Proxy[] = [
  {
    name: "nginx",
    need: debianProgram("nginx"),
    hasIdleTimeout: true,
    configure(sample, { port, serverPort, folder, idle }) {
      const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map((kind) => `${kind}_temp_path ${folder}/${kind};`).join("\n");
      const site = swap(sample, ["127.0.0.1:8080", `127.0.0.1:${serverPort}`], [
        "listen 80;",
        `listen 127.0.0.1:${port};`,
      ], ["120s", idle]);
      const text = `daemon off;\nmaster_process off;\npid ${folder}/pid;\nerror_log stderr;\n` +
        `events {}\nhttp {\naccess_log off;\n${temporary}\n${site}}\n`;
      return [text, "-p", folder, "-c", join(folder, "configuration"), "-e", "stderr"];
    },
  },
  {
    name: "caddy",
    need: debianProgram("caddy"),
    hasIdleTimeout: false,
    configure(sample, { port, serverPort, folder }) {
      const site = swap(sample, ["127.0.0.1:8080", `127.0.0.1:${serverPort}`], [
        "http://example.com",
        `http://example.com:${port}`,
      ]);
      const text = `{\n\tadmin off\n\tstorage file_system ${folder}\n}\n${site}`;
      return [text, "run", "--config", join(folder, "configuration"), "--adapter", "caddyfile"];
    },
  },
  {
    name: "haproxy",
    need: debianProgram("haproxy"),
    hasIdleTimeout: true,
    configure(sample, { port, serverPort, folder, idle }) {
      const text = swap(sample, ["127.0.0.1:8080", `127.0.0.1:${serverPort}`], [
        "bind :80",
        `bind 127.0.0.1:${port}`,
      ], ["120s", idle]);
      return [text, "-db", "-f", join(folder, "configuration")];
    },
  },
];

/** A port that nobody listens on. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function isListening(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}

/** Tells each connection who it is, echoes, and closes with a code when it is told to. */
const DOOR = `
import { isConnect, isMessage, text } from "@troupe/troupe";
export default async function door(self) {
  for await (const { message } of self) {
    if (isConnect(message)) {
      const forwarded = new Headers(message.headers).get("x-forwarded-for");
      self.send(message.id, text(JSON.stringify([message.remoteAddr, forwarded])));
    } else if (isMessage(message)) {
      if (message.body === "bye") self.send(message.id, { kind: "message", type: 8, code: 4503, reason: "kicked" });
      else self.send(message.id, { kind: "message", body: message.body });
    }
  }
}
`;

/** What the API is asked with. */
export const TOKEN = "a-token-of-the-operator";

/** A server with a proxy in front of it. */
export interface Site extends AsyncDisposable {
  /** Where the proxy listens. */
  readonly port: number;
  readonly server: Server;
}

/** Starts a server, and the proxy with the configuration of the page. */
export async function startSite(
  { name, configure }: Proxy,
  executable: string,
  { pingPeriod, idle }: { readonly pingPeriod: string; readonly idle: string },
): Promise<Site> {
  const [sample = ""] = await samplesOf(name === "caddy" ? "caddyfile" : name);
  const [own = ""] = await samplesOf("jsonc");
  const folder = await Deno.realPath(await Deno.makeTempDir());
  await Deno.writeTextFile(join(folder, "door.ts"), DOOR);
  const { listen } = JSON.parse(own);
  const config = parseConfig({
    listen: { ...listen, port: 0 },
    admin: { tokens: [{ name: "operator", token: TOKEN, scopes: ["admin"] }] },
    processes: { door: { module: "./door.ts" } },
    endpoints: { "/ws": { pool: ["door"], pingPeriod, pongTimeout: "60s" } },
  });
  const server = await serve(config, { baseDirectory: folder });
  const port = freePort();
  const place = { port, serverPort: server.addr.port, folder, idle };
  const [text, ...args] = configure(sample, place);
  await Deno.writeTextFile(join(folder, "configuration"), text);
  const env = { HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder };
  const program = new Program({ executable, args, cwd: folder, env });
  const close = async () => {
    await program[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    await Deno.remove(folder, { recursive: true });
  };
  for (let tries = 0; !await isListening(port); tries++) {
    if (tries === 200) {
      await close();
      throw new Error(`Cannot reach ${name}: ${program.lines.join("\n")}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { port, server, [Symbol.asyncDispose]: close };
}
