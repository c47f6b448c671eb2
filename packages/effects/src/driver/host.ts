/**
 * Puts a core to work in a world.
 */
import type { Running } from "../core.ts";
import { Driver } from "./driver.ts";
import type { HostParts } from "./host-parts.ts";

/**
 * Opens the core's log, rebuilds the core from it, starts it, and from then on steps it and performs its outputs.
 *
 * - Outputs are performed in order, except that those with `after` wait until the log is durable up to it. Those that
 *   wait keep their order among each other, and deliveries always keep theirs.
 * - A message that the core sends to itself comes back after the step (and after its `after`), never inside of it.
 * - The core is never re-entered: `submit` from inside `deliver` is stepped later, from the event loop.
 * - A failing log, a core that throws or breaks its contract, a `deliver` that throws: `fatal`, once, then silence.
 *
 * `stats()` counts `steps`, `sends` (frames handed to the network), `loopbacks`, `lostFull` and `lostDown` (frames that
 * the network refused), `received`, `early` (frames before the start, dropped), `rejected` (by the wire),
 * `overrun` (dropped, too many undecided), `appends`, `syncs`, `checkpoints`, `deliveries`, and shows `held`,
 * `pendingOpens`, `pendingRequests`, `timers`, `appended` and `durable` (log positions) as they are.
 *
 * @example
 * ```ts
 * import { type Core, host, memoryHub, peerId, platformWorld, verified } from "@void-system/effects";
 *
 * // A core that delivers twice what it is asked. It keeps nothing, so it has no log.
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
