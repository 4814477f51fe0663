/**
 * A connection to a broker as the bus of a cluster.
 *
 * @module
 */

import {
  type Msg,
  type NatsConnection,
  RequestError,
  type Subscription,
  TimeoutError,
} from "@nats-io/nats-core";
import { getLogger } from "../../telemetry/mod.ts";
import type { Bus, BusAnswer, BusEvents, BusMessage } from "../bus.ts";
import { type LeaseLimits, leaseLimits } from "../limits.ts";
import { LEASE_MS } from "../options.ts";
import type { Store } from "../store.ts";
import { Broker } from "./broker.ts";
import type { NatsOptions } from "./options.ts";
import { NatsStore } from "./store.ts";

const log = getLogger(["troupe", "cluster"]);

/** One connection of one program. */
export class NatsBus implements Bus {
  readonly machine: undefined = undefined;
  readonly #options: NatsOptions;
  readonly #node: string;
  #broker: Broker | undefined;

  /** `node` is what the broker calls the connection. */
  constructor(options: NatsOptions, node: string) {
    this.#options = options;
    this.#node = node;
  }

  get isUp(): boolean {
    return this.#broker?.isUp === true;
  }

  get why(): string {
    return this.#broker?.why ?? "no connection has been made";
  }

  get maxPayload(): number | undefined {
    return this.#broker?.maxPayload;
  }

  get lease(): LeaseLimits {
    const isCluster = this.#broker?.connection?.info?.cluster !== undefined;
    return leaseLimits(isCluster ? LEASE_MS.cluster : LEASE_MS.one);
  }

  async open(events: BusEvents): Promise<void> {
    this.#broker = new Broker(this.#options, this.#node, events);
    await this.#broker.open();
  }

  async close(): Promise<void> {
    await this.#broker?.close();
  }

  /** Resolves when the broker has taken what was published. */
  async flush(): Promise<void> {
    await this.#broker?.flush();
  }

  publish(subject: string, bytes: Uint8Array): void {
    this.#connection.publish(subject, bytes);
  }

  subscribe(subject: string, take: (message: BusMessage) => void): () => void {
    const subscription: Subscription = this.#connection.subscribe(subject, {
      callback: (error, message) => {
        if (error !== null) log.error("Cannot hear {subject}: {error}", { subject, error });
        else take(toMessage(message));
      },
    });
    return () => subscription.unsubscribe();
  }

  async request(subject: string, timeout: number): Promise<BusAnswer> {
    try {
      const { data } = await this.#connection.request(subject, undefined, { timeout });
      return { kind: "answered", data };
    } catch (error) {
      if (error instanceof RequestError && error.isNoResponders()) return { kind: "noResponders" };
      if (!(error instanceof TimeoutError)) log.debug("A question failed: {error}", { error });
      return { kind: "timedOut" };
    }
  }

  async openStore(name: string): Promise<Store> {
    return await NatsStore.open(this.#connection, name);
  }

  get #connection(): NatsConnection {
    const connection = this.#broker?.connection;
    if (connection === undefined) {
      throw new Error("Cannot use the broker: there is no connection");
    }
    return connection;
  }
}

function toMessage({ subject, data, reply }: Msg): BusMessage {
  return { subject, data, reply: reply === "" ? undefined : reply };
}
