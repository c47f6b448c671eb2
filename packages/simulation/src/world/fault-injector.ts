/**
 * Makes faults happen in a simulation, and ends them.
 */
import type { Fault, FlapFault } from "./fault.ts";
import type { Simulation } from "./simulation.ts";

/** The faults of one run. */
export class FaultInjector {
  readonly #simulation: Simulation;
  /** Faults under way by what they change: where two overlap, the end of one is not the end of the other. */
  readonly #lasting = new Map<string, Fault[]>();
  readonly #driftPpm = new Map<string, number>();
  readonly #rotten = new Set<string>();
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

  /** False when there was nothing to begin, or nothing is to end. */
  #begin(fault: Fault, endMs: number | undefined): boolean {
    const simulation = this.#simulation;
    const under = this.#underWay(fault);
    switch (fault.kind) {
      case "crash":
        // One that runs was started again, whatever was to keep it down.
        if (simulation.isRunning(fault.node)) under.length = 0;
        else if (under.length === 0) return false;
        simulation.crash(fault.node);
        break;
      case "flap":
        this.#flap(fault, endMs, true);
        break;
      case "clock-jump":
        simulation.jumpClock(fault.node, fault.byMs);
        return false;
      case "bit-rot":
        if (simulation.rotDisk(fault.node)) this.#rotten.add(fault.node);
        return false;
      case "clock-rate":
        if (under.length === 0) this.#driftPpm.set(fault.node, simulation.driftClock(fault.node, fault.driftPpm));
    }
    under.push(fault);
    this.#apply(fault);
    return true;
  }

  /** What holds is what the latest of those that are still under way says; without one, all is as at the beginning. */
  #finish(fault: Fault): void {
    const simulation = this.#simulation;
    const under = this.#underWay(fault);
    const at = under.indexOf(fault);
    if (at < 0) return;
    under.splice(at, 1);
    const latest = under.at(-1);
    if (latest) {
      this.#apply(latest);
      return;
    }
    switch (fault.kind) {
      case "crash":
        if (!simulation.isRunning(fault.node)) simulation.start(fault.node);
        return;
      case "pause":
        simulation.resume(fault.node);
        return;
      case "partition":
        simulation.partition([]);
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

  /** Makes the world what a fault that is under way says. Crashes and flaps happen at their beginning. */
  #apply(fault: Fault): void {
    const simulation = this.#simulation;
    switch (fault.kind) {
      case "pause":
        simulation.pause(fault.node);
        return;
      case "partition":
        simulation.partition(fault.groups);
        return;
      case "block":
        simulation.block(fault.from, fault.to);
        return;
      case "clog":
        simulation.clog(fault.from, fault.to);
        return;
      case "link":
        simulation.setLink(fault.from, fault.to, fault.conditions);
        return;
      case "clock-rate":
        simulation.driftClock(fault.node, fault.driftPpm);
        return;
      case "clock-freeze":
        simulation.freezeClock(fault.node);
        return;
      case "disk-full":
        simulation.fillDisk(fault.node);
        return;
      case "disk-slow":
        simulation.slowDisk(fault.node, fault.byMs);
    }
  }

  #underWay(fault: Fault): Fault[] {
    const what = fault.kind === "partition" ? fault.kind : `${fault.kind} ${whom(fault)}`;
    const known = this.#lasting.get(what);
    if (known) return known;
    const begun: Fault[] = [];
    this.#lasting.set(what, begun);
    return begun;
  }

  #flap(fault: FlapFault, endMs: number | undefined, isCut: boolean): void {
    if (isCut) this.#simulation.cut(...fault.between);
    else this.#simulation.mend(...fault.between);
    const nextMs = this.#simulation.now + Math.max(1, fault.periodMs);
    if (endMs !== undefined && nextMs >= endMs) return;
    this.#at(nextMs, `flap ${whom(fault)}`, () => this.#flap(fault, endMs, !isCut));
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
