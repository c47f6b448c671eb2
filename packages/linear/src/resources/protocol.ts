/**
 * Typestate: a handle whose type says which operations are allowed next. A transition consumes the handle and returns one
 * in the next state. The old handle does not have the methods of the new one (Strom and Yemini, Typestate, 1986).
 *
 * Write a protocol as an interface or class with a state parameter that extends this type. Its transitions take the value
 * out of the resource that they hold with `consume`, so that an old handle throws where the compiler cannot see it.
 *
 * @example
 * ```ts
 * import { LinearResource } from "@void-system/linear";
 * import type { Protocol } from "@void-system/linear";
 * interface Door<State extends "open" | "closed"> extends Protocol<State> {
 *   readonly held: LinearResource<string>;
 * }
 * const door = (held: LinearResource<string>): Door<"open"> => ({ held });
 * const close = ({ held }: Door<"open">): Door<"closed"> => ({ held: held.map((name) => name) });
 * const closed = close(door(new LinearResource("front")));
 * // @ts-expect-error: a closed door cannot be closed
 * const again = (): unknown => close(closed);
 * closed.held.consume(); // => "front"
 * ```
 */
export type Protocol<State extends string> = ProtocolMarks<State>;

/** Marks of a protocol's handle, for the compiler and the lint rules. They exist only in the type system. */
export interface ProtocolMarks<State extends string> {
  /** State of the handle, which makes handles of different states incompatible. */
  readonly "~state"?: State;
  /** Declares handles linear. */
  readonly "~linear"?: "exactly-once";
}
