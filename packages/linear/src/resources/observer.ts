import { setNotify } from "./internal/notify.ts";
import type { LinearResource } from "./linear-resource.ts";

/** Is told of every resource: see {@link observeResources}. */
export interface ResourceObserver {
  /**
   * One was made.
   *
   * @borrows resource
   */
  created(resource: LinearResource<unknown>): void;
  /**
   * Its value has left it.
   *
   * @borrows resource
   */
  ended(resource: LinearResource<unknown>): void;
}

let observer: ResourceObserver | undefined;

/**
 * Sets who is told of every resource that is made and ends, for tests and development; `undefined` for nobody.
 *
 * @returns who was told before.
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
