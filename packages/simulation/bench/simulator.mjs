/**
 * The simulator beside a bare heap of callbacks on the same programs, which is the least that a simulator can be, and
 * beside other virtual clocks.
 */
import { peerId } from "@void-system/effects";
import { Simulation } from "@void-system/simulation";
import { cpuNs, peer } from "../../../scripts/measure.mjs";

const SIMULATED_MS = 10_000;

/** Events a second of CPU. */
function paced(events, work) {
  const before = events();
  const start = cpuNs();
  work();
  return ((events() - before) * 1e9) / (cpuNs() - start);
}

/** Five nodes, each with a timer every millisecond that sends a frame. Each frame appends a record and syncs it. */
export function fiveGossiping() {
  const simulation = new Simulation({ seed: 1 });
  const names = ["a", "b", "c", "d", "e"].map((name) => peerId(name));
  for (const name of names) {
    simulation.node(name, ({ clock, network, random, disk }) => {
      let known = 0;
      disk.open("known", (opened) => {
        if (opened instanceof Error) throw opened;
        network.onFrame((_from, frame) => {
          known += frame.length;
          opened.log.append(frame.subarray(0, 4));
          opened.log.sync((failure) => (known += failure ? 1 : 0));
        });
      });
      const beat = () => {
        network.send(names[Math.floor(random.next() * names.length)], new Uint8Array(32).fill(known));
        clock.schedule(1, beat);
      };
      beat();
    });
    simulation.start(name);
  }
  return paced(() => simulation.stats().events, () => simulation.run({ untilMs: SIMULATED_MS }));
}

/** The same pattern of events, by hand. */
export function fiveByHand() {
  const { push, run } = bareHeap();
  for (let node = 0; node < 5; node += 1) {
    let beats = 0;
    const synced = () => undefined;
    const arrived = (now) => push(now + 100 + ((beats * 104_729) % 1_900), synced);
    const beat = (now) => {
      beats += 1;
      push(now + 200 + ((beats * 7919) % 4800), arrived);
      push(now + 1000, beat);
    };
    push(node, beat);
  }
  return run(SIMULATED_MS * 1000);
}

/** Number of events, for any number of nodes. */
const NODE_MS = 1_500_000;

function population(many) {
  const names = Array.from({ length: many }, (_, index) => peerId(`n${index}`));
  const numbers = new Map(names.map((name, index) => [name, index]));
  const neighbours = (index) => [1, 7, 61, 509].map((step) => (index + step) % many);
  return { names, numbers, neighbours };
}

/** Ten thousand nodes (or `count`) with a message handler and four outgoing links each. Every message is passed on. */
export function tenThousand(many = 10_000) {
  const { names, numbers, neighbours } = population(many);
  const linked = (name) => neighbours(numbers.get(name)).map((index) => names[index]);
  const simulation = new Simulation({ seed: 1, network: { linked } });
  const message = new Uint8Array(16);
  for (const name of names) {
    const next = linked(name);
    simulation.node(name, ({ network }) => {
      let heard = 0;
      network.onFrame((_from, frame) => {
        heard += 1;
        network.send(next[heard & 3], frame);
      });
      network.onLink((peer, state) => {
        if (state === "up" && peer === next[0]) network.send(peer, message);
      });
    });
    simulation.start(name);
  }
  simulation.run({ untilMs: 20 });
  return paced(() => simulation.stats().events, () => simulation.run({ forMs: NODE_MS / many }));
}

/** The same messages: one callback each, and a map from names to neighbours. */
export function tenThousandByHand(many = 10_000) {
  const { names, numbers, neighbours } = population(many);
  const { push, run } = bareHeap();
  const handlers = names.map((_, index) => {
    const next = neighbours(index).map((other) => names[other]);
    const links = new Map(next.map((name) => [name, numbers.get(name)]));
    let heard = 0;
    return (now) => {
      heard += 1;
      const target = links.get(next[heard & 3]);
      push(now + 200 + ((heard * 7919 + index) % 4800), (later) => handlers[target](later));
    };
  });
  for (const [index, handler] of handlers.entries()) push(index % 5000, handler);
  return run((NODE_MS / many) * 1000);
}

function bareHeap() {
  const heap = [];
  const push = (time, work) => {
    const event = { time, work };
    let at = heap.push(event) - 1;
    for (let above = (at - 1) >> 1; at > 0 && heap[above].time > event.time; above = (at - 1) >> 1) {
      heap[at] = heap[above];
      at = above;
    }
    heap[at] = event;
  };
  const pop = () => {
    const [first] = heap;
    const last = heap.pop();
    if (heap.length === 0) return first;
    let at = 0;
    for (let below = 1; below < heap.length; below = 2 * at + 1) {
      if (below + 1 < heap.length && heap[below + 1].time < heap[below].time) below += 1;
      if (heap[below].time >= last.time) break;
      heap[at] = heap[below];
      at = below;
    }
    heap[at] = last;
    return first;
  };
  const run = (untilUs) => {
    let events = 0;
    return paced(
      () => events,
      () => {
        for (let event = pop(); event && event.time < untilUs; event = pop()) {
          events += 1;
          event.work(event.time);
        }
      }
    );
  };
  return { push, run };
}

// ── virtual clocks: a thousand sleepers, each with a period of its own of 500 to 1,500 ms ──

const SLEEPERS = 1_000;
const period = (sleeper) => 500 + ((sleeper * 7919) % 1000);

/** In the simulator. */
export function sleepers() {
  const simulation = new Simulation({ seed: 1 });
  simulation.node("a", ({ clock }) => {
    for (let sleeper = 0; sleeper < SLEEPERS; sleeper += 1) {
      const sleep = () => void clock.schedule(period(sleeper), sleep);
      sleep();
    }
  });
  simulation.start("a");
  return paced(() => simulation.stats().events, () => simulation.run({ untilMs: 100_000 }));
}

/** With fake-timers; undefined when it is not installed. */
export async function fakeTimers() {
  const found = await peer(() => import("@sinonjs/fake-timers"));
  if (!found) return undefined;
  return () => {
    const clock = found.createClock(0);
    let events = 0;
    for (let sleeper = 0; sleeper < SLEEPERS; sleeper += 1) {
      const sleep = () => {
        events += 1;
        clock.setTimeout(sleep, period(sleeper));
      };
      clock.setTimeout(sleep, period(sleeper));
    }
    return paced(
      () => events,
      () => {
        while (clock.now < 10_000) clock.next();
      }
    );
  };
}

/** With effect's TestClock, a millisecond at a time; undefined when it is not installed. */
export async function testClock() {
  const [found, testing] = [await peer(() => import("effect")), await peer(() => import("effect/testing"))];
  if (!found || !testing) return undefined;
  const { Effect } = found;
  const { TestClock } = testing;
  return async () => {
    let events = 0;
    const program = Effect.gen(function* () {
      for (let sleeper = 0; sleeper < SLEEPERS; sleeper += 1) {
        yield* Effect.forkChild(
          Effect.gen(function* () {
            for (;;) {
              yield* Effect.sleep(period(sleeper));
              events += 1;
            }
          })
        );
      }
      // Past the beginning, when all begin to sleep.
      yield* TestClock.adjust(1);
      const before = events;
      const start = cpuNs();
      for (let ms = 0; ms < 1_500; ms += 1) yield* TestClock.adjust(1);
      return ((events - before) * 1e9) / (cpuNs() - start);
    });
    return await Effect.runPromise(Effect.provide(program, TestClock.layer()));
  };
}
