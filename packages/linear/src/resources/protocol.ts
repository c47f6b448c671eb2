/**
 * Typestate: handles whose type says what may be done with them next. A transition consumes the handle and returns one of
 * the next state; the old one does not have the methods of the new (Strom and Yemini, Typestate, 1986).
 *
 * A protocol is written as an interface or class with a state parameter that extends this type; its transitions take the
 * resource that they hold with `consume`, so that an old handle throws where the compiler cannot see it.
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

/** The marks of a protocol's handle, for the compiler and the lint rules alone: never there at run time. */
export interface ProtocolMarks<State extends string> {
  /** The state that the handle is in; a handle of one state is none of another. */
  readonly "~state"?: State;
  /** Handles are linear. */
  readonly "~linear"?: "exactly-once";
}
