/**
 * Makes faults happen in a simulation, and ends them.
 */
import type { Fault } from "./fault.ts";
import type { Simulation } from "./simulation.ts";

/** The faults of one run. */
export class FaultInjector {
  readonly #simulation: Simulation;
  readonly #driftPpm = new Map<string, number>();
  readonly #rotten = new Set<string>();
  #partition: Fault | undefined;
  #open = true;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
  }

  /** Nodes whose disk lost something. */
  get rotten(): ReadonlySet<string> {
    return this.#rotten;
  }

  /** Plans a fault and its end. */
  plan(fault: Fault): void {
    const endMs = "forMs" in fault && fault.forMs !== undefined ? fault.atMs + fault.forMs : undefined;
    this.#at(fault.atMs, `${fault.kind} ${whom(fault)}`, () => {
      if (!this.#begin(fault, endMs) || endMs === undefined) return;
      this.#at(endMs, `end of ${fault.kind} ${whom(fault)}`, () => this.#finish(fault));
    });
  }

  /** No fault begins or ends any more. */
  close(): void {
    this.#open = false;
  }

  /** Makes nodes, and the links between them, as they were. Their clocks stay wrong, but go. */
  repair(nodes: readonly string[]): void {
    const simulation = this.#simulation;
    for (const id of nodes) {
      simulation.fillDisk(id, false);
      simulation.slowDisk(id, 0);
      simulation.freezeClock(id, false);
      simulation.resume(id);
      if (!simulation.isRunning(id)) simulation.start(id);
    }
    simulation.heal(nodes);
  }

  #at(timeMs: number, note: string, action: () => void): void {
    this.#simulation.at(
      timeMs,
      () => {
        if (this.#open) action();
      },
      note
    );
  }

  /** False when there was nothing to begin, so nothing is to end. */
  #begin(fault: Fault, endMs: number | undefined): boolean {
    const simulation = this.#simulation;
    switch (fault.kind) {
      case "crash":
        if (!simulation.isRunning(fault.node)) return false;
        simulation.crash(fault.node);
        return true;
      case "pause":
        simulation.pause(fault.node);
        return true;
      case "partition":
        this.#partition = fault;
        simulation.partition(fault.groups);
        return true;
      case "block":
        simulation.block(fault.from, fault.to);
        return true;
      case "clog":
        simulation.clog(fault.from, fault.to);
        return true;
      case "link":
        simulation.setLink(fault.from, fault.to, fault.conditions);
        return true;
      case "flap":
        this.#flap(fault.between, fault.periodMs, endMs, true);
        return true;
      case "clock-jump":
        simulation.jumpClock(fault.node, fault.byMs);
        return false;
      case "clock-rate":
        this.#driftPpm.set(fault.node, simulation.driftClock(fault.node, fault.driftPpm));
        return true;
      case "clock-freeze":
        simulation.freezeClock(fault.node);
        return true;
      case "disk-full":
        simulation.fillDisk(fault.node);
        return true;
      case "disk-slow":
        simulation.slowDisk(fault.node, fault.byMs);
        return true;
      case "bit-rot":
        if (simulation.rotDisk(fault.node)) this.#rotten.add(fault.node);
        return false;
    }
  }

  #finish(fault: Fault): void {
    const simulation = this.#simulation;
    switch (fault.kind) {
      case "crash":
        if (!simulation.isRunning(fault.node)) simulation.start(fault.node);
        return;
      case "pause":
        simulation.resume(fault.node);
        return;
      case "partition":
        if (this.#partition === fault) simulation.partition([]);
        return;
      case "block":
        simulation.unblock(fault.from, fault.to);
        return;
      case "clog":
        simulation.unclog(fault.from, fault.to);
        return;
      case "link":
        simulation.setLink(fault.from, fault.to);
        return;
      case "flap":
        simulation.mend(...fault.between);
        return;
      case "clock-rate":
        simulation.driftClock(fault.node, this.#driftPpm.get(fault.node) ?? 0);
        return;
      case "clock-freeze":
        simulation.freezeClock(fault.node, false);
        return;
      case "disk-full":
        simulation.fillDisk(fault.node, false);
        return;
      case "disk-slow":
        simulation.slowDisk(fault.node, 0);
        return;
      case "clock-jump":
      case "bit-rot":
        return;
    }
  }

  #flap(between: readonly [string, string], periodMs: number, endMs: number | undefined, isCut: boolean): void {
    if (isCut) this.#simulation.cut(...between);
    else this.#simulation.mend(...between);
    const nextMs = this.#simulation.now + Math.max(1, periodMs);
    if (endMs !== undefined && nextMs >= endMs) return;
    this.#at(nextMs, `flap ${between.join("-")}`, () => this.#flap(between, periodMs, endMs, !isCut));
  }
}

function whom(fault: Fault): string {
  switch (fault.kind) {
    case "partition":
      return fault.groups.map((group) => group.join(",")).join(" | ");
    case "block":
    case "clog":
    case "link":
      return `${fault.from}->${fault.to}`;
    case "flap":
      return fault.between.join("-");
    default:
      return fault.node;
  }
}
