export { createClient, newIdempotencyKey, type Client, type ClientSettings } from "./client.js";
export type { History, HistoryOptions, PollOptions } from "./chat.js";
export { applicationMoves } from "./document.js";
export type * from "./document.js";
export {
  fieldErrors,
  isApiError,
  isTemporary,
  isTransportError,
  RepowerError,
  type ApiError,
  type Failure,
  type NetworkFailure,
  type TransportError,
  type UnexpectedAnswer,
} from "./errors.js";
export type { Id } from "./ids.js";
export type { List, ListOptions, ListPath, ListQuery, Page, Row, ToArrayOptions } from "./lists.js";
export type { CallOptions, Data, EnvelopePath, Method, Operation, Options, Reply, Result, Schemas } from "./operations.js";
export type { Resumable } from "./resumable.js";
export type { components, operations, paths } from "./schema.js";
export {
  applicationStatusValues,
  availabilityKindValues,
  availabilityStatusValues,
  certificationStatusValues,
  certificationWarningValues,
  companyRoleValues,
  complianceStatusValues,
  contractTypeValues,
  courseValues,
  disciplineValues,
  fieldCodeValues,
  jobStatusValues,
  mobilityValues,
  roleValues,
  skillLevelValues,
  trustLevelValues,
  trustValues,
} from "./schema.js";
export { memoryTokens, storedTokens, type KeyValueStorage, type SharedTokenStore, type TokenStore } from "./tokens.js";
export type { Wait } from "./wait.js";
