import type { LinearResource } from "./linear-resource.ts";
import { observeResources } from "./observer.ts";
import type { ResourceObserver } from "./observer.ts";

/**
 * A back-stop for development: tells the name of each linear resource that the garbage collector took while its value was
 * still inside. It comes late or never, as collectors please; the guarantee is the report of a context that closes.
 *
 * @returns ends the watch.
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
    // Somebody else has come since: their watch goes on.
    if (present !== own) observeResources(present);
  };
}
