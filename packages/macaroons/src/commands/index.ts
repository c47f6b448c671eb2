/**
 * The commands of `npx @void-system/macaroons` as functions, for command lines of your own.
 *
 * @packageDocumentation
 */
export { type CommandAnswer, type TokenText } from "./answer.ts";
export { type AttenuateRequest, attenuateCommand } from "./attenuate.ts";
export { type InspectRequest, inspectCommand } from "./inspect.ts";
export { type MintRequest, mintCommand } from "./mint.ts";
export { type ExplainRequest, type VerifyRequest, explainCommand, verifyCommand } from "./verify.ts";
