/**
 * Begins and ends faults in a simulation.
 */
import type { Fault, FlapFault } from "./fault.ts";
import type { Simulation } from "./simulation.ts";

/** The faults of one run. */
export class FaultInjector {
  readonly #simulation: Simulation;
  /** Active faults by what they change. Where two overlap, the change lasts until both have ended. */
  readonly #lasting = new Map<string, Fault[]>();
  readonly #driftPpm = new Map<string, number>();
  readonly #rotten = new Set<string>();
  #open = true;
  #begun = 0;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
  }

  /** Nodes whose disk has lost a record. */
  get rotten(): ReadonlySet<string> {
    return this.#rotten;
  }

  /** Number of faults that have begun and changed something. */
  get begun(): number {
    return this.#begun;
  }

  /** Plans the beginning and the end of a fault. */
  plan(fault: Fault): void {
    const endMs = "forMs" in fault && fault.forMs !== undefined ? fault.atMs + fault.forMs : undefined;
    this.#at(fault.atMs, `${fault.kind} ${whom(fault)}`, () => {
      if (!this.#begin(fault, endMs) || endMs === undefined) return;
      this.#at(endMs, `end of ${fault.kind} ${whom(fault)}`, () => this.#finish(fault));
    });
  }

  /** Makes all planned beginnings and ends of faults void. */
  close(): void {
    this.#open = false;
  }

  /** Repairs nodes and the links between them. Their clocks run again, but stay wrong. */
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

  /** Begins a fault. Returns false if there was nothing to begin, or if the fault has no end. */
  #begin(fault: Fault, endMs: number | undefined): boolean {
    const simulation = this.#simulation;
    const under = this.#underWay(fault);
    switch (fault.kind) {
      case "crash":
        // A node that runs was started again by others, whatever faults were to keep it down.
        if (simulation.isRunning(fault.node)) under.length = 0;
        else if (under.length === 0) return false;
        simulation.crash(fault.node);
        break;
      case "flap":
        this.#flap(fault, endMs, true);
        break;
      case "clock-jump":
        simulation.jumpClock(fault.node, fault.byMs);
        this.#begun += 1;
        return false;
      case "bit-rot":
        if (!simulation.rotDisk(fault.node)) return false;
        this.#rotten.add(fault.node);
        this.#begun += 1;
        return false;
      case "clock-rate":
        if (under.length === 0) this.#driftPpm.set(fault.node, simulation.driftClock(fault.node, fault.driftPpm));
    }
    under.push(fault);
    this.#begun += 1;
    this.#apply(fault);
    return true;
  }

  /**
   * Ends a fault. The latest fault that is still active then applies; without one, everything is as at the beginning.
   */
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

  /** Applies an active fault to the world. Crashes and flaps happen only at their beginning. */
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

/** Returns the names in a fault. */
export function nodesIn(fault: Fault): readonly string[] {
  switch (fault.kind) {
    case "partition":
      return fault.groups.flat();
    case "block":
    case "clog":
    case "link":
      return [fault.from, fault.to];
    case "flap":
      return fault.between;
    default:
      return [fault.node];
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
