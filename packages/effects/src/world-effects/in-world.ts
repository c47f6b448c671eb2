import type { Cancel, World } from "../world.ts";
import { Clock } from "./clock.ts";
import { NotAProgramError } from "../errors.ts";
import type { Closed, Eff, Need } from "../fibers/eff.ts";
import { Net } from "./network.ts";
import { launch } from "../fibers/run.ts";
import { Compute, Disk, Log, Random } from "./facets.ts";

/** The row of effects that a World handles. */
export type WorldNeeds = Need<
  "void.clock" | "void.random" | "void.network" | "void.disk" | "void.compute" | "void.log"
>;

/**
 * Runs a program with the facets of a World as its handlers.
 *
 * @example
 * ```ts
 * import { memoryHub, peerId, platformWorld } from "@void-system/effects";
 * import { run } from "@void-system/effects/fibers";
 * import { Clock, inWorld, Net } from "@void-system/effects/world";
 *
 * const world = platformWorld({ network: memoryHub().join(peerId("a")) });
 * const program = function* () {
 *   yield* Clock.sleep(1);
 *   return yield* Net.self();
 * };
 * await run(() => inWorld(world, program)); // => "a"
 * ```
 */
export function inWorld<R, A>(world: World, body: () => Eff<R, A>): Eff<Exclude<R, WorldNeeds>, A> {
  const clocked = () => Clock.handle(world.clock, body);
  const seeded = () => Random.handle(world.random, clocked);
  const linked = () => Net.handle(world.network, seeded);
  const stored = () => Disk.handle(world.disk, linked);
  const computed = () => Compute.handle(world.compute, stored);
  const logged: Eff<unknown, A> = Log.handle(world.logger, computed);
  // The six handlers above take exactly `WorldNeeds` out of the row, which the compiler cannot compute for a generic R.
  return logged as Eff<Exclude<R, WorldNeeds>, A>;
}

/** The parts of a program that are visible to others. */
export interface Offered<Api> {
  /** Functions for other code in the process, such as clients in a simulation. */
  readonly api?: Api;
  /** Returns the program's state for people. `inspect` of a simulation shows it. */
  readonly state?: () => unknown;
}

/** Makes an API or a state visible. Calls add to each other. */
export type Offer<Api> = (offered: Offered<Api>) => void;

/** A program that runs in a World, with everything that it has offered so far. */
export interface Booted<Api = never> extends Offered<Api> {
  /** Cancels the program, and calls `done` once its finalisers have run. */
  stop(done: () => void): void;
}

/**
 * Makes the boot function of a node whose program is a fiber, for `Simulation.node` or for a real World.
 *
 * An error of the program is thrown out of the callback that resumed it. That ends a real process, and is a finding in a
 * simulation. When a simulated node crashes, none of its code runs again, not even finalisers. Its restart is a new
 * fiber over the same disk.
 *
 * A program that other code in its process may call offers its API once it is ready:
 * `boots(function* (offer: Offer<Api>) { … })`.
 *
 * @example
 * ```ts
 * import { peerId } from "@void-system/effects";
 * import { boots, Clock, Net } from "@void-system/effects/world";
 * import { Simulation } from "@void-system/simulation";
 *
 * const heard: string[] = [];
 * const simulation = new Simulation({ seed: 1 });
 * simulation.node("a", boots(function* () {
 *   yield* Net.linked(peerId("b"));
 *   yield* Clock.sleep(60_000);
 *   yield* Net.send(peerId("b"), Uint8Array.of(7));
 * }));
 * simulation.node("b", boots(function* () {
 *   const { from, frame } = yield* Net.receive();
 *   heard.push(`${from}: ${frame[0]}`);
 * }));
 * simulation.start("a");
 * simulation.start("b");
 * simulation.run();
 * heard; // => ["a: 7"]
 * ```
 */
export function boots<R, Api = never>(
  body: (offer: Offer<Api>) => Eff<R, unknown> & Closed<Exclude<R, WorldNeeds>>,
): (world: World) => Booted<Api> {
  return (world) => {
    const stopped: (() => void)[] = [];
    let ended = false;
    let cancel: Cancel = () => undefined;
    const booted: Booted<Api> = {
      stop: (done) => {
        if (ended) done();
        else stopped.push(done);
        cancel();
      },
    };
    ({ cancel } = launch(
      // The row is empty, because `Closed` constrains everything that the world does not handle.
      () => inWorld(world, () => programOf(body((offered) => void Object.assign(booted, offered)))) as Eff<never, unknown>,
      (outcome) => {
        ended = true;
        for (const done of stopped) done();
        if (outcome.type === "failed") throw outcome.error;
      },
    ));
    return booted;
  };
}

/** Returns the program that the body of a boot made. A promise has no iterator, so its error would name none. */
function programOf<R, A>(returned: Eff<R, A>): Eff<R, A> {
  const given: unknown = returned;
  if (typeof given === "object" && given !== null && Symbol.iterator in given) return returned;
  throw new NotAProgramError("the function of boots", given);
}
