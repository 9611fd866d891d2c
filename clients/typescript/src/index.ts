export { createClient, newIdempotencyKey, type Client, type ClientSettings } from "./client.js";
export type { PollOptions } from "./chat.js";
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
export type { List, ListPath, Page, Row, ToArrayOptions } from "./lists.js";
export type { CallOptions, Data, EnvelopePath, Method, Operation, Result, Schemas } from "./operations.js";
export type { components, operations, paths } from "./schema.js";
export {
  applicationStatusValues,
  certificationStatusValues,
  companyRoleValues,
  contractTypeValues,
  disciplineValues,
  fieldCodeValues,
  jobStatusValues,
  mobilityValues,
  roleValues,
  skillLevelValues,
} from "./schema.js";
export { memoryTokens, storedTokens, type KeyValueStorage, type TokenStore } from "./tokens.js";
export type { Wait } from "./wait.js";
