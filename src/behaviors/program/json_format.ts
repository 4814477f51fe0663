/**
 * The format `json`: each message of the process is one object a line.
 *
 * @module
 */

import type { Envelope, InspectRecord } from "../../actor/mod.ts";
import { type Format, LineReader, linesOf, type Session, showBytes } from "../../programs/mod.ts";
import { type ConnectMessage, isDisconnect } from "../../websocket/mod.ts";
import {
  encodeCall,
  encodeMessage,
  encodeReply,
  parseCommand,
  type ProgramCommand,
} from "./json_messages.ts";

/** Requests to a program that it has not answered; beyond, the oldest is given up. */
const MAX_OWED = 10_000;
/** Requests of a program that are under way at a time. */
const MAX_CALLS = 1_000;

type Reply = NonNullable<Envelope["reply"]>;
type Call = Extract<ProgramCommand, { kind: "call" }>;

/** Speaks JSON with one program. */
export class JsonFormat implements Format {
  readonly #session: Session;
  readonly #lines: LineReader;
  readonly #owed = new Map<number, Reply>();
  #lastRef = 0;
  #calls = 0;
  #undelivered = 0;

  readonly #only: ConnectMessage | undefined;
  isOver = false;

  /** With `only`, the program is there for that connection and ends with it. */
  constructor(session: Session, only?: ConnectMessage) {
    this.#session = session;
    this.#only = only;
    this.#lines = new LineReader(session.maxBytes);
  }

  begin(): string | undefined {
    return this.#only === undefined ? undefined : encodeMessage(this.#only, this.#only.id);
  }

  encode({ message, from, reply }: Envelope): string | undefined {
    if (this.#only !== undefined && isDisconnect(message) && message.id === this.#only.id) {
      this.isOver = true;
    }
    try {
      if (reply === undefined) return encodeMessage(message, from);
      const text = encodeCall(this.#lastRef + 1, message, from);
      this.#owe(reply);
      return text;
    } catch (error) {
      // Its sender may hear of it; the program is not to blame.
      this.#session.self.log.warn("A message from {from} cannot be JSON: {error}", { from, error });
      reply?.(error);
      return undefined;
    }
  }

  read(chunk: Uint8Array): undefined {
    const block = this.#lines.push(chunk);
    if (block === undefined) return;
    for (const line of linesOf(block)) this.#readLine(line);
  }

  end(isWhole: boolean): void {
    const rest = this.#lines.end();
    if (isWhole && rest.byteLength > 0) {
      for (const line of linesOf(new Uint8Array([...rest, 0x0a]))) this.#readLine(line);
    }
  }

  inspect(): InspectRecord {
    return {
      outputBuffered: this.#lines.bufferedBytes,
      owedReplies: this.#owed.size,
      openCalls: this.#calls,
      undelivered: this.#undelivered,
    };
  }

  #owe(reply: Reply): void {
    this.#owed.set(++this.#lastRef, reply);
    if (this.#owed.size <= MAX_OWED) return;
    const [oldest, its] = this.#owed.entries().next().value!;
    this.#owed.delete(oldest);
    its(new Error(`Cannot answer: the program owes more than ${MAX_OWED} replies`));
  }

  #readLine(line: string | Uint8Array): void {
    const { log } = this.#session;
    if (typeof line !== "string") return log.refuse("it is not UTF-8", showBytes(line));
    if (line.trim() === "") return;
    const command = parseCommand(line);
    if (typeof command === "string") return log.refuse(command, line);
    try {
      const wrong = this.#perform(command);
      if (wrong !== undefined) log.refuse(wrong, line);
    } catch (error) {
      log.refuse((error as Error).message, line);
    }
  }

  #perform(command: ProgramCommand): string | undefined {
    const { self } = this.#session;
    switch (command.kind) {
      case "send": {
        const { to, message } = command;
        if (typeof to === "string") {
          if (self.send(to, message) !== "accepted") this.#undelivered++;
        } else this.#undelivered += to.length - self.sendAll(to, message);
        return undefined;
      }
      case "reply":
        return this.#settle(command.ref, command.value);
      case "fail":
        return this.#settle(command.ref, new Error(command.error));
      case "call":
        return void this.#call(command);
    }
  }

  #settle(ref: number, value: unknown): string | undefined {
    const reply = this.#owed.get(ref);
    if (reply === undefined) return `no call with the ref ${ref} is open`;
    this.#owed.delete(ref);
    reply(value);
    return undefined;
  }

  async #call(call: Call): Promise<void> {
    if (this.#calls >= MAX_CALLS) {
      const error = `Cannot call: ${MAX_CALLS} calls are under way`;
      await this.#session.write(encodeReply(call.ref, { error }));
      return;
    }
    this.#calls++;
    await this.#session.write(encodeReply(call.ref, await this.#outcome(call)));
    this.#calls--;
  }

  async #outcome(
    { to, message, timeoutMs }: Call,
  ): Promise<{ value: unknown } | { error: string }> {
    try {
      const options = timeoutMs === undefined ? {} : { timeoutMs };
      return { value: await this.#session.self.call(to, message, options) };
    } catch (error) {
      return { error: (error as Error).message };
    }
  }
}
