/**
 * Tokens in HTTP: the headers `Authorization` and `WWW-Authenticate`, and a guard for requests of Fetch and of Node.
 *
 * @packageDocumentation
 */
export { AUTHORIZATION_CHARACTERS_MAX, challengeOf, readAuthorization, writeAuthorization } from "./headers.ts";
export type { Challenge, Credentials, Encodable } from "./headers.ts";
export { createGuard } from "./guard.ts";
export type { Guard, GuardAnswer, GuardOptions, Guarded, GuardRequest, NodeRequest, RequestParts, Turned } from "./guard.ts";
