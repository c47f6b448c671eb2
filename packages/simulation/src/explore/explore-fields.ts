/**
 * Fields of the options of an exploration, by their shapes. A mistyped option would otherwise have no effect, and nobody
 * would notice.
 */
import { array, boolean, callable, integer, number, object, optional, type OptionalShape, string } from "../scenario/shape.ts";

const NODES_MAX = 100_000;

/** Fields with these names, which may all be missing. */
type OptionalFields<Name extends string> = Readonly<Record<Name, OptionalShape<unknown>>>;

/** Fields of the options of `exploring`. Its progress is what it yields, so it takes no `onProgress`. */
export const exploringFields: OptionalFields<"seeds" | "firstSeed" | "shrinkRunsMax" | "mayTestNothing" | "chart"> = {
  seeds: optional(integer(1, Number.MAX_SAFE_INTEGER)),
  firstSeed: optional(integer(0, Number.MAX_SAFE_INTEGER)),
  shrinkRunsMax: optional(number(0, Infinity)),
  mayTestNothing: optional(boolean),
  chart: optional(
    object({
      nodes: optional(array(string(), NODES_MAX)),
      eventsMax: optional(number(0, Infinity)),
      links: optional(boolean),
      describe: optional(callable),
      title: optional(string()),
    })
  ),
};

/** Fields of the options of `explore`. */
export const exploreFields: OptionalFields<keyof typeof exploringFields | "onProgress"> = { ...exploringFields, onProgress: optional(callable) };
