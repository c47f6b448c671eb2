/**
 * The World of one life of a simulated node. Once the life is over, calls into it do nothing.
 */
import { type Clock, type Compute, delayOf, jobOutcome, type World } from "@void-system/effects";
import { EVENT } from "../engine/event-kind.ts";
import type { Kernel, Life } from "./kernel.ts";
import type { SimulatedLinks } from "./simulated-links.ts";
import type { SimulatedNode } from "./simulated-node.ts";
import type { SimulatedComputeOptions } from "./simulation-options.ts";

/** Wall clock of a node without skew when a simulation begins: 2023-11-14T22:13:20Z. */
export const SIMULATION_EPOCH_MS = 1_700_000_000_000;

/** Makes the World of one life of a node. */
export function simulatedWorld(
  kernel: Kernel,
  links: SimulatedLinks,
  node: SimulatedNode,
  life: Life,
  jobs: SimulatedComputeOptions | undefined
): World {
  return {
    clock: clockOf(kernel, node, life),
    random: {
      bytes: (length) => (life.alive ? node.random.bytes(length) : new Uint8Array(length)),
      next: () => (life.alive ? node.random.next() : 0),
    },
    network: links.networkOf(node, life),
    disk: {
      open: (name, done) => node.disk.open(node, life, name, done),
      openBlobs: (name, done) => node.disk.openBlobs(node, life, name, done),
    },
    compute: computeOf(kernel, node, life, jobs),
    logger: {
      log: (level, event, fields) => {
        if (life.alive) kernel.log(node, level, event, fields);
      },
    },
  };
}

function clockOf(kernel: Kernel, node: SimulatedNode, life: Life): Clock {
  const { clock } = node;
  const startedUs = clock.localUs(kernel.nowUs);
  return {
    wallMs: () => SIMULATION_EPOCH_MS + Math.floor(clock.wallUs(kernel.nowUs) / 1000),
    monotonicMs: () => Math.floor(clock.localUs(kernel.nowUs) - startedUs) / 1000,
    schedule: (delayMs, wake) => {
      if (!life.alive || delayOf(delayMs) === Infinity) return nothing;
      // At least a microsecond: a node that reschedules itself without a delay must not stop time.
      const delayUs = Math.max(1, Math.ceil((delayMs * 1000) / clock.rate));
      return kernel.table.cancelOf(
        kernel.plan(EVENT.timer, kernel.nowUs + delayUs, node.index, life, -1, undefined, wake)
      );
    },
  };
}

function computeOf(kernel: Kernel, node: SimulatedNode, life: Life, options: SimulatedComputeOptions | undefined): Compute {
  const minUs = Math.max(1, Math.round((options?.minMs ?? 0.05) * 1000));
  const maxUs = Math.max(minUs, Math.round((options?.maxMs ?? 1) * 1000));
  const { cpu } = kernel;
  const hasThread = cpu?.threadOf(node.index) !== undefined;
  return {
    run: (job, input, done) => {
      if (!life.alive) return nothing;
      const copy = new Uint8Array(input);
      // On the node's own thread, a job is the next step that has time.
      const isStep = hasThread && options === undefined;
      const atUs = kernel.nowUs + (isStep ? 1 : node.jobs.between(minUs, maxUs));
      const planned = kernel.plan(EVENT.compute, atUs, node.index, life, -1, undefined, () => {
        kernel.note(job.name);
        if (isStep) cpu?.charge("job", 1, 0);
        done(cpu && !isStep ? cpu.aside(() => jobOutcome(job, copy)) : jobOutcome(job, copy));
      });
      return kernel.table.cancelOf(planned);
    },
  };
}

function nothing(): void {
  // There is nothing to cancel: the life is over, or the timer never fires.
}
