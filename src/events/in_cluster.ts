/**
 * What an event server knows and does on all nodes.
 *
 * @module
 */

import { assertCloseFrame, CLOSE_CODES } from "../websocket/mod.ts";
import type { ConnectionInfo, EventCommand } from "./messages.ts";
import type { EmitterInCluster, EventServerInCluster } from "./types.ts";

/** Implements {@linkcode EventServerInCluster} by commands. */
export class InCluster implements EventServerInCluster {
  readonly #ask: (command: EventCommand) => Promise<unknown>;

  constructor(ask: (command: EventCommand) => Promise<unknown>) {
    this.#ask = ask;
  }

  async getConnections(): Promise<ConnectionInfo[]> {
    return await this.#ask({ kind: "connections" }) as ConnectionInfo[];
  }

  async getConnectionsByRoom(room: string): Promise<ConnectionInfo[]> {
    return await this.#ask({ kind: "connections", room }) as ConnectionInfo[];
  }

  async getTotalConnections(): Promise<number> {
    return await this.#ask({ kind: "count" }) as number;
  }

  async isConnected(id: string): Promise<boolean> {
    return await this.#ask({ kind: "isConnected", id }) as boolean;
  }

  async isJoined(room: string, id: string): Promise<boolean> {
    return await this.#ask({ kind: "isJoined", room, id }) as boolean;
  }

  async join(room: string, id: string): Promise<boolean> {
    return await this.#ask({ kind: "join", room, id }) as boolean;
  }

  async leave(room: string, id: string): Promise<boolean> {
    return await this.#ask({ kind: "leave", room, id }) as boolean;
  }

  async leaveAll(id: string): Promise<boolean> {
    return await this.#ask({ kind: "leaveAll", id }) as boolean;
  }

  to(target: string): EmitterInCluster {
    return {
      emit: async (event, data) =>
        await this.#ask({ kind: "emit", to: target, event, data }) as number,
      emitMessage: async (body) =>
        await this.#ask({ kind: "emitMessage", to: target, body }) as number,
    };
  }

  async disconnect(
    id: string,
    code: number = CLOSE_CODES.normal.code,
    reason: string = "",
  ): Promise<boolean> {
    assertCloseFrame(code, reason);
    return await this.#ask({ kind: "kick", id, code, reason }) as boolean;
  }
}
