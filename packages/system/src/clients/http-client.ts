/**
 * Questions to the HTTP faces of nodes.
 */
import { type Clauses, type Effect, effect } from "@void-system/effects/fibers";
import { fromPromise } from "@void-system/effects/world";

/** HTTP, as an operation. */
export interface HttpOperations {
  /** Waits for the JSON at an address; throws when there is no answer. */
  json(url: string): unknown;
}

/** HTTP: over the network, or of nodes in a test. */
export const Http: Effect<"void.http", HttpOperations> = /* @__PURE__ */ effect<HttpOperations>()("void.http");

/** HTTP over the network. */
export const overNetwork: Clauses<HttpOperations, never> = {
  json: (url) => fromPromise(async (signal) => (await fetch(url, { signal })).json()),
};
