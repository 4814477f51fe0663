/**
 * The commands over the operator's API, and their flags.
 *
 * @module
 */

import type { Command } from "./command.ts";
import type { Flag } from "./flags.ts";

const HELP: Flag = { name: "help", alias: "h", help: "Print this help" };

const OPERATOR: readonly Flag[] = [
  { name: "url", value: "a URL", help: "Address of the server; http://127.0.0.1:8080" },
  { name: "token", value: "a token", help: "Token of its API; else of TROUPE_ADMIN_TOKEN" },
  HELP,
];

const CLOSING: readonly Flag[] = [
  { name: "code", value: "a code", help: "Code of the close frame; 4503" },
  { name: "reason", value: "a text", help: "Reason of the close frame; kicked" },
];

const NOTE = "Over the HTTP API of a running server, see docs/api.md.";

/** The commands, in the order of the help. */
export const OPERATOR_COMMANDS: readonly Command[] = [
  {
    name: "top",
    usage: "top [flags]",
    summary: "Show the busiest actors of a server",
    details: `One table, once a second, until a signal ends it.\n${NOTE}`,
    flags: [
      { name: "once", help: "Show it one time" },
      { name: "json", help: "Print JSON, one line for each look" },
      { name: "sort", value: "a column", help: "mailbox, accepted, overflows, name or id" },
      ...OPERATOR,
    ],
    positionals: 0,
  },
  {
    name: "send",
    usage: "send TARGET MESSAGE",
    summary: "Send a message to an actor, a room, a topic or a user",
    details: "A process gets the message as JSON if it is JSON, else as text; a client gets the " +
      `text.\n${NOTE}`,
    flags: [
      { name: "room", value: "a room", help: "To everyone in it, instead of TARGET" },
      { name: "event", value: "a name", help: "With --room: as the data of this event" },
      { name: "topic", value: "a topic", help: "To its subscribers, instead of TARGET" },
      { name: "user", value: "a user", help: "To all of its connections, instead of TARGET" },
      ...OPERATOR,
    ],
    positionals: 2,
  },
  {
    name: "ask",
    usage: "ask TARGET MESSAGE",
    summary: "Ask a process or a client and print its answer",
    details: NOTE,
    flags: [
      { name: "timeout", value: "a duration", help: "How long to wait; 5s" },
      ...OPERATOR,
    ],
    positionals: 2,
  },
  {
    name: "kick",
    usage: "kick [TARGET]",
    summary: "Close connections, or ask a process to stop",
    details: NOTE,
    flags: [
      { name: "user", value: "a user", help: "All connections of this user" },
      { name: "ip", value: "an address", help: "All connections from this address" },
      { name: "endpoint", value: "a path", help: "All connections of this endpoint" },
      ...CLOSING,
      ...OPERATOR,
    ],
    positionals: 1,
  },
  {
    name: "tap",
    usage: "tap [flags]",
    summary: "Print what passes, until a signal ends it",
    details: `One line of JSON for each message, at most 200 a second.\n${NOTE}`,
    flags: [
      { name: "actor", value: "an address or a name", help: "From and to this actor" },
      { name: "room", value: "a room", help: "From and to the connections in it" },
      { name: "user", value: "a user", help: "From and to the connections of this user" },
      { name: "endpoint", value: "a path", help: "From and to the connections of this endpoint" },
      ...OPERATOR,
    ],
    positionals: 0,
  },
];
