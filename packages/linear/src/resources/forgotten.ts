import type { LinearResource } from "./linear-resource.ts";
import { observeResources } from "./observer.ts";
import type { ResourceObserver } from "./observer.ts";

/**
 * Reports the name of each linear resource that was garbage-collected with its value still inside, as a safety net in
 * development. The report comes late or never, depending on the collector. The guaranteed report is that of a context
 * when it closes.
 *
 * @returns a function that stops the reports.
 * @example
 * ```ts
 * import { reportForgotten } from "@void-system/linear/forgotten";
 * const stop = reportForgotten((name) => process.emitWarning(`${name} was forgotten`));
 * stop();
 * ```
 */
export function reportForgotten(onForgotten: (name: string) => void): () => void {
  const registry = new FinalizationRegistry<string>(onForgotten);
  let before: ResourceObserver | undefined;
  const own: ResourceObserver = {
    /** @borrows resource */
    created(resource: LinearResource<unknown>) {
      if (resource.kind === "linear") registry.register(resource, resource.name, resource);
      before?.created(resource);
    },
    /** @borrows resource */
    ended(resource) {
      registry.unregister(resource);
      before?.ended(resource);
    },
  };
  before = observeResources(own);
  return () => {
    const present = observeResources(before);
    // Another observer has been set since, and stays.
    if (present !== own) observeResources(present);
  };
}
