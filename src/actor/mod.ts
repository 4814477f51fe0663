/**
 * Actors: nodes, processes, names, supervisors. No I/O.
 *
 * @module
 */

export type {
  DownMessage,
  Envelope,
  ExitMessage,
  ExitReason,
  InspectRecord,
  SendResult,
} from "./envelope.ts";
export {
  CallError,
  type CallErrorCode,
  CallFullError,
  CallHandlerError,
  CallTerminatedError,
  CallTimeoutError,
  CallUnknownError,
  CallUnreachableError,
  IncompleteAnswerError,
  NameTakenError,
  NodeStoppedError,
  RestartIntensityError,
  showError,
} from "./errors.ts";
export {
  type Address,
  type Alias,
  type IdentityParts,
  isProcessName,
  MAX_NAME_BYTES,
  type MessageOf,
  parseIdentity,
  type Pid,
  type Ref,
  type Target,
} from "./identities.ts";
export { createNode } from "./node.ts";
export type { HandedOver, KeyedProcesses, KeyPlaces, KeyRefusal } from "./keyed/places.ts";
export { definitionOf, type KeyedDefinition } from "./keyed/definition.ts";
export { keyed, KEYED_DEFAULTS, type KeyedArguments, type KeyedOptions } from "./keyed/keyed.ts";
export { NODE_DEFAULTS } from "./node_options.ts";
export type { ActorRow, ActorWindow, NodeObserver, Tap } from "./observer.ts";
export type { Absence, Answer, Attachment, Peer, Recipient, Refusal, RemoteNode } from "./peer.ts";
export { placeKeyed } from "./place.ts";
export type { PlacedName, Placement, PlacementHost } from "./placement.ts";
export { assertPlainData } from "./plain_data.ts";
export type { RelationCounts, RelationLists } from "./relations.ts";
export {
  type ChildInfo,
  type ChildSpec,
  SUPERVISOR_DEFAULTS,
  type SupervisorOptions,
  type SupervisorRequest,
} from "./supervisor/options.ts";
export type { RestartLimits, RestartPolicy, SupervisorStrategy } from "./supervisor/supervision.ts";
export { askNodes, assertComplete, type NodeAnswers } from "./subjects/ask.ts";
export type { SubjectMessage, Subjects, SubjectSource } from "./subjects/types.ts";
export { createSupervisor } from "./supervisor/supervisor.ts";
export { isDown, isExit } from "./system_messages.ts";
export type {
  Actor,
  AnyProcessFunction,
  CallOptions,
  MetaBehavior,
  MetaOptions,
  MetaProcess,
  Node,
  NodeOptions,
  PlainRecord,
  Process,
  ProcessFunction,
  SpawnArguments,
  SpawnOptions,
  StopOptions,
} from "./types.ts";
export type { Clock, Timer } from "../time/mod.ts";
