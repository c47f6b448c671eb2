import { LinearResource } from "./linear-resource.ts";
import type { LinearContext } from "./linear-context.ts";
import type { ResourceOptions } from "./linear-resource.ts";

/**
 * A value that may be taken out at most once. Taking it twice throws. Leaving it is allowed: its context drops it.
 *
 * It can be used where a linear resource is expected, because consuming it once is allowed. The reverse would lose the
 * duty to consume, and does not compile.
 *
 * @example
 * ```ts
 * import { AffineResource, LinearContext } from "@void-system/linear";
 * const ticket = LinearContext.run((context) => new AffineResource("seat 12", { name: "ticket", context }));
 * ticket.isConsumed; // => true
 * ```
 */
export class AffineResource<T> extends LinearResource<T> {
  declare readonly "~linear": "at-most-once";

  override get kind(): "affine" {
    return "affine";
  }

  // `derived` below makes the result of both.
  override move(context: LinearContext): AffineResource<T> {
    return super.move(context) as AffineResource<T>;
  }

  override map<U>(change: (value: T) => U): AffineResource<U> {
    return super.map(change) as AffineResource<U>;
  }

  protected override derived<U>(value: U, options: ResourceOptions): AffineResource<U> {
    return new AffineResource(value, options);
  }
}
