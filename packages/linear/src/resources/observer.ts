import { setNotify } from "./internal/notify.ts";
import type { LinearResource } from "./linear-resource.ts";

/** Listener for all resources: see {@link observeResources}. */
export interface ResourceObserver {
  /**
   * Called after a resource was made.
   *
   * @borrows resource
   */
  created(resource: LinearResource<unknown>): void;
  /**
   * Called after a resource's value has left it.
   *
   * @borrows resource
   */
  ended(resource: LinearResource<unknown>): void;
}

let observer: ResourceObserver | undefined;

/**
 * Sets the listener that is called for every resource made or ended, for tests and development; `undefined` for none.
 *
 * @returns the previous listener.
 * @example
 * ```ts
 * import { LinearResource, observeResources } from "@void-system/linear";
 * const made: string[] = [];
 * const before = observeResources({ created: ({ name }) => made.push(name), ended: () => undefined });
 * new LinearResource(1, { name: "lock" }).consume();
 * observeResources(before);
 * made; // => ["lock"]
 * ```
 */
export function observeResources(next: ResourceObserver | undefined): ResourceObserver | undefined {
  const before = observer;
  observer = next;
  // Only the class of resources notifies.
  setNotify(next && ((event, resource) => next[event](resource as LinearResource<unknown>)));
  return before;
}
