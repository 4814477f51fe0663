/**
 * All names of actors: nodes, processes, supervisors, keyed processes, meta-processes,
 * errors of calls, and the port to other nodes. The main door has those of every day.
 *
 * | what | names |
 * | --- | --- |
 * | a node and its processes | `createNode`, `Node`, `Process`, `SpawnOptions` |
 * | supervision | `createSupervisor`, `ChildSpec`, `SupervisorRequest` |
 * | processes by key | `keyed`, `KeyedOptions` |
 * | calls that fail | `CallError` and the classes of its codes |
 * | something that blocks, as an actor | `MetaBehavior`, `MetaProcess` |
 * | other nodes | `RemoteNode`, `Peer`, `Attachment` |
 * | rooms and topics over several nodes | `Subjects`, `SubjectSource` |
 * | time | `Clock`, `SYSTEM_CLOCK` |
 *
 * @example
 * ```ts
 * import { CallTimeoutError, createNode, type Process } from "@troupe/troupe/actor";
 *
 * await using node = createNode();
 * const silent = node.spawn(async (self: Process) => {
 *   for await (const _ of self);
 * });
 * const error = await node.call(silent, "anybody?", { timeoutMs: 10 }).catch((why) => why);
 * console.assert(error instanceof CallTimeoutError);
 * ```
 *
 * @module
 */

export {
  type Absence,
  type Actor,
  type Address,
  type Alias,
  type Answer,
  type AnyProcessFunction,
  type Attachment,
  CallError,
  type CallErrorCode,
  CallFullError,
  CallHandlerError,
  type CallOptions,
  CallTerminatedError,
  CallTimeoutError,
  CallUnknownError,
  CallUnreachableError,
  type ChildInfo,
  type ChildSpec,
  createNode,
  createSupervisor,
  type DownMessage,
  type Envelope,
  type ExitMessage,
  type ExitReason,
  type IdentityParts,
  type InspectRecord,
  isDown,
  isExit,
  isProcessName,
  keyed,
  KEYED_DEFAULTS,
  type KeyedArguments,
  type KeyedOptions,
  MAX_NAME_BYTES,
  type MessageOf,
  type MetaBehavior,
  type MetaOptions,
  type MetaProcess,
  NameTakenError,
  type Node,
  NODE_DEFAULTS,
  type NodeOptions,
  NodeStoppedError,
  parseIdentity,
  type Peer,
  type Pid,
  type PlainRecord,
  type Process,
  type ProcessFunction,
  type Recipient,
  type Ref,
  type RemoteNode,
  RestartIntensityError,
  type RestartLimits,
  type RestartPolicy,
  type SendResult,
  type SpawnArguments,
  type SpawnOptions,
  type StopOptions,
  type SubjectMessage,
  type Subjects,
  type SubjectSource,
  SUPERVISOR_DEFAULTS,
  type SupervisorOptions,
  type SupervisorRequest,
  type SupervisorStrategy,
  type Target,
} from "../actor/mod.ts";
export { type Clock, SYSTEM_CLOCK, type Timer } from "../time/mod.ts";
