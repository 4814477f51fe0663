/**
 * Actors: nodes, processes, names, supervisors. No I/O.
 *
 * @module
 */

export {
  CallError,
  type CallErrorCode,
  CallFullError,
  CallHandlerError,
  CallTerminatedError,
  CallTimeoutError,
  CallUnknownError,
  CallUnreachableError,
  NameTakenError,
  NodeStoppedError,
  RestartIntensityError,
  showError,
} from "./errors.ts";
export {
  type Alias,
  type IdentityParts,
  isProcessName,
  MAX_NAME_BYTES,
  parseIdentity,
  type Pid,
  type Ref,
  type Target,
} from "./identities.ts";
export { createNode } from "./node.ts";
export { assertPlainData } from "./plain_data.ts";
export { NODE_DEFAULTS } from "./node_options.ts";
export { SYSTEM_CLOCK } from "./clock.ts";
export { createSupervisor } from "./supervisor.ts";
export {
  type ChildInfo,
  type ChildSpec,
  SUPERVISOR_DEFAULTS,
  type SupervisorOptions,
  type SupervisorRequest,
} from "./supervisor_options.ts";
export type { RestartLimits, RestartPolicy, SupervisorStrategy } from "./supervision.ts";
export type {
  Actor,
  CallOptions,
  Clock,
  DownMessage,
  Envelope,
  ExitMessage,
  ExitReason,
  InspectRecord,
  MetaBehavior,
  MetaOptions,
  MetaProcess,
  Node,
  NodeOptions,
  Process,
  ProcessFunction,
  SendResult,
  SpawnOptions,
  StopOptions,
  Timer,
} from "./types.ts";
