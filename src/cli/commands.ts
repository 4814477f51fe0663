/**
 * The commands and their flags: what is parsed and what help prints.
 *
 * @module
 */

import { LOG_FORMATS, LOG_LEVELS } from "../telemetry/mod.ts";
import { SHELLS } from "./completions/shells.ts";
import type { Command } from "./command.ts";
import type { Flag } from "./flags.ts";
import { OPERATOR_COMMANDS } from "./operator_flags.ts";

export type { Command } from "./command.ts";

const HELP: Flag = { name: "help", alias: "h", help: "Print this help" };
const CONFIG: Flag = {
  name: "config",
  alias: "c",
  value: "a file",
  help: "Configuration; default: troupe.json, troupe.jsonc or troupe.yaml, if there is one",
  completes: "file",
};

const SERVE_FLAGS: readonly Flag[] = [
  CONFIG,
  {
    name: "hostname",
    value: "an address",
    help: "Address to listen on",
    path: ["listen", "hostname"],
  },
  {
    name: "port",
    alias: "p",
    value: "a port",
    help: "Port to listen on; 0 lets the system choose",
    path: ["listen", "port"],
  },
  {
    name: "workers",
    value: "a number",
    help: "Threads that share the port",
    path: ["node", "workers"],
  },
  {
    name: "nats",
    value: "an address",
    repeatable: true,
    help: "NATS server between the nodes of a cluster, such as nats://10.0.0.5:4222; repeatable",
    path: ["cluster", "nats", "servers"],
  },
  { name: "name", value: "name@host", help: "Name of the node", path: ["node", "name"] },
  {
    name: "engine",
    value: "auto, native or ws",
    help: "Engine of all endpoints",
    path: ["endpoints", "*", "engine"],
    completes: ["auto", "native", "ws"],
  },
  {
    name: "origin",
    value: "an origin",
    repeatable: true,
    help: "Origin of web pages that may connect, for all endpoints; repeatable",
    path: ["endpoints", "*", "origins"],
  },
  {
    name: "log-level",
    value: "a level",
    help: "trace, debug, info, warning, error or fatal",
    path: ["log", "level"],
    completes: LOG_LEVELS,
  },
  {
    name: "log-format",
    value: "a format",
    help: "auto, text or json",
    path: ["log", "format"],
    completes: LOG_FORMATS,
  },
  {
    name: "set",
    value: "path.to.key=value",
    repeatable: true,
    help: "Any other key, for example --set endpoints./ws.maxMessageSize=1MiB; repeatable",
  },
  HELP,
];

const CONNECT_FLAGS: readonly Flag[] = [
  {
    name: "header",
    alias: "H",
    value: "Name: value",
    repeatable: true,
    help: "Header of the handshake; repeatable",
  },
  {
    name: "subprotocol",
    alias: "s",
    value: "a name",
    repeatable: true,
    help: "Subprotocol to offer, the best first; repeatable",
  },
  { name: "binary", alias: "b", help: "Send lines as binary messages" },
  { name: "compression", help: "Offer permessage-deflate" },
  {
    name: "ca",
    value: "a file",
    help: "Certificates to trust instead of the system's, in PEM; one of your own, for example",
    completes: "file",
  },
  { name: "insecure", help: "Connect whatever certificate the server has" },
  {
    name: "ping",
    value: "a duration",
    help: "Ping a server that was quiet so long; 54s. One not heard for twice as long is given up",
  },
  { name: "timeout", value: "a duration", help: "For all of the dialing; 15s" },
  {
    name: "wait",
    value: "a duration",
    help: "After the end of the input, time without a message before closing; 500ms",
  },
  HELP,
];

/** What decides where a server listens, as for `serve`. */
const LISTEN_FLAGS = SERVE_FLAGS.filter(({ name }) =>
  ["config", "hostname", "port", "set"].includes(name)
);

const HEALTH_FLAGS: readonly Flag[] = [
  ...LISTEN_FLAGS,
  { name: "live", help: "Ask only whether it lives; it does while it drains" },
  { name: "timeout", value: "a duration", help: "Time for the answer; 2s" },
  HELP,
];

/** All commands; the first is run when none is named. */
export const COMMANDS: readonly Command[] = [
  {
    name: "serve",
    usage: "[serve] [flags]",
    summary: "Run the server",
    details: "Flags win over TROUPE_* environment variables, those over the file, and that over " +
      "the\ndefaults. Without a configuration it is an echo at /ws, a chat at /chat\nand a page at /.\n" +
      "SIGTERM or SIGINT drains, a second one stops at once, SIGHUP re-reads log level,\n" +
      "certificate, origins and limits.",
    flags: SERVE_FLAGS,
    positionals: 0,
  },
  {
    name: "check",
    usage: "check -c FILE",
    summary: "Check a configuration without running it",
    details: "Prints what is wrong, all at once, and what is risky.",
    flags: [CONFIG, HELP],
    positionals: 0,
  },
  {
    name: "connect",
    usage: "connect URL",
    summary: "Talk to a WebSocket server",
    details: "Each line of the input is sent as a text message, each message that arrives is\n" +
      "printed as a line. The end of the input closes with 1000 once all is sent; so does\n" +
      "SIGINT or SIGTERM at once, and a second one does not wait for the server.\n\n" +
      "Exit code: 0 closed with 1000 or without a code, 1 no connection or a second signal,\n" +
      "3 the server went away and may be tried again (1001, 1012, 1013, 4000-4499), 4 it did\n" +
      "not accept what it got (1002, 1003, 1007-1010, 4500-4999), 5 the connection broke or the\n" +
      "server failed.",
    flags: CONNECT_FLAGS,
    positionals: 1,
  },
  {
    name: "init",
    usage: "init [DIR]",
    summary: "Write a commented configuration and a sample process",
    details: "Writes troupe.jsonc and board.ts; never over files that are there.",
    flags: [HELP],
    positionals: 1,
    completes: "directory",
  },
  {
    name: "health",
    usage: "health [URL]",
    summary: "Ask a running server whether it is ready",
    details: "Asks the one of this configuration on this machine, or that of the URL, such as\n" +
      "http://10.0.0.7:8080. Exit code: 0 it is ready, 1 it is not, or does not answer.",
    flags: HEALTH_FLAGS,
    positionals: 1,
  },
  ...OPERATOR_COMMANDS,
  {
    name: "schema",
    usage: "schema",
    summary: "Print the JSON Schema of configurations",
    details: "For editors and other tools.",
    flags: [HELP],
    positionals: 0,
  },
  {
    name: "completions",
    usage: "completions SHELL",
    summary: "Print what a shell completes commands and flags by",
    details:
      "For bash, zsh or fish: `source <(troupe completions bash)` tries it, and the page about\n" +
      "deployment says where shells look for it.",
    flags: [HELP],
    positionals: 1,
    completes: SHELLS,
  },
  {
    name: "version",
    usage: "version",
    summary: "Print the version",
    details: "Version, Deno, V8, the commit that it was compiled from, and the target; for a\n" +
      "report of a fault. `troupe --version` and `troupe -V` print the same.",
    flags: [HELP],
    positionals: 0,
  },
  {
    name: "help",
    usage: "help [COMMAND]",
    summary: "Print help",
    details: "",
    flags: [HELP],
    positionals: 1,
    completes: "command",
  },
];

/** Names of all commands. */
export const COMMAND_NAMES: readonly string[] = COMMANDS.map(({ name }) => name);

/** A command by its name. */
export function findCommand(name: string): Command | undefined {
  return COMMANDS.find((command) => command.name === name);
}
