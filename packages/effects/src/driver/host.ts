/**
 * Runs a core in a world.
 */
import type { Running } from "../core.ts";
import { Driver } from "./driver.ts";
import type { HostParts } from "./host-parts.ts";

/**
 * Opens the core's log, rebuilds the core from it and starts it. From then on it steps the core and performs its
 * outputs.
 *
 * - Outputs are performed in order, except that those with `after` wait until the log is durable up to that position.
 *   Held outputs keep their order among each other. Deliveries always keep theirs.
 * - A message that the core sends to itself comes back after the step and after its `after`, never inside the step.
 * - The core is never re-entered. A `submit` from inside `deliver` is stepped later, from the event loop.
 * - A log that fails, a core that throws or breaks its contract, and a `deliver` that throws are fatal: `fatal` is
 *   called once, and nothing runs afterwards.
 *
 * `stats()` counts `steps`, `sends` (frames handed to the network), `loopbacks`, `lostFull` and `lostDown` (frames that
 * the network refused), `received`, `early` (frames dropped before the start), `rejected` (by the wire), `overrun`
 * (frames dropped because too many were pending), `appends`, `syncs`, `checkpoints` and `deliveries`. It also shows the
 * present `held`, `pendingOpens`, `pendingRequests`, `timers`, and the log positions `appended` and `durable`.
 *
 * @example
 * ```ts
 * import { type Core, host, memoryHub, peerId, platformWorld, verified } from "@void-system/effects";
 *
 * // A core that doubles each request. It keeps nothing, so it has no log.
 * const twice: Core<never, number, never, number> = {
 *   restore() {},
 *   recover() {},
 *   start: () => [],
 *   step: (input) => (input.type === "request" ? [{ type: "deliver", value: input.request * 2 }] : []),
 * };
 * const world = platformWorld({ network: memoryHub().join(peerId("a")) });
 * const answer = await new Promise<number>((resolve, reject) => {
 *   const running = host({
 *     world, name: "twice", core: twice, deliver: resolve, fatal: reject,
 *     wire: { seal: () => new Uint8Array(0), open: (_from, _frame, _accept, refuse) => refuse("no messages here") },
 *     ready: () => { running.submit(21); },
 *   });
 * });
 * answer; // => 42
 * ```
 */
export function host<M, Q, R, D>(parts: HostParts<M, Q, R, D>): Running<Q> {
  return new Driver(parts);
}
