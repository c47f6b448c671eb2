/**
 * Nodes and their lives, each from a start to a crash or a stop.
 */
import { type PeerId, peerId, type World } from "@void-system/effects";
import { isPromise } from "../scenario/is-promise.ts";
import { SimulationLeakError, SimulationUseError } from "../errors.ts";
import { WITHOUT_PROMISES } from "../engine/guard.ts";
import { EVENT } from "../engine/event-kind.ts";
import type { EventLoop } from "../engine/event-loop.ts";
import { SPEED_MAX, SPEED_MIN } from "./cpu-shape.ts";
import type { Boot, Life, NodeOptions } from "./kernel.ts";
import { type NodeParts, SimulatedNode } from "./simulated-node.ts";

/** The surroundings that a simulation provides to its nodes. */
export interface NodeSurroundings extends NodeParts {
  readonly loop: EventLoop;
  /** Makes the World of one life. */
  world(node: SimulatedNode, life: Life): World;
  /** Is called when a node came or went. */
  changed(node: SimulatedNode): void;
}

/** All nodes of a simulation. */
export class SimulatedNodes {
  /** All nodes, by index. */
  readonly all: SimulatedNode[] = [];
  readonly #byId = new Map<PeerId, SimulatedNode>();
  readonly #around: NodeSurroundings;

  constructor(around: NodeSurroundings) {
    this.#around = around;
  }

  /** Adds a node, which is not yet running. */
  add(id: string, boot: Boot, { guest = false }: NodeOptions = {}): SimulatedNode {
    const name = peerId(id);
    if (this.#byId.has(name)) throw new SimulationUseError("an unused name for a node", JSON.stringify(id));
    const node = new SimulatedNode(name, this.all.length, guest, boot, this.#around);
    if (!guest) this.#giveThread(node);
    this.#byId.set(name, node);
    this.all.push(node);
    return node;
  }

  /** Returns a node by its name, which must be known. */
  get(id: string): SimulatedNode {
    const node = this.#byId.get(peerId(id));
    if (!node) throw new SimulationUseError(`a known node (${[...this.#byId.keys()].join(", ")})`, JSON.stringify(id));
    return node;
  }

  /** Returns the name of a node by its index. */
  nameOf(index: number): PeerId | undefined {
    return this.all[index]?.id;
  }

  /** Starts a node: its `boot` runs as the next event. */
  start(node: SimulatedNode): void {
    if (node.life) throw new SimulationUseError(`${node.id} not to be running`, "a second start; crash or stop it first");
    const { loop, world, changed } = this.#around;
    const life: Life = {
      alive: true,
      networked: !node.isGuest,
      linkHandlers: [],
      booted: undefined,
    };
    node.life = life;
    loop.plan(EVENT.start, loop.nowUs, node.index, life, -1, undefined, () => {
      const booted = node.boot(world(node, life));
      if (isPromise(booted)) {
        // The error is thrown here. The rejection must not end the process as well.
        loop.outside(() => void booted.then(undefined, () => undefined));
        throw new SimulationLeakError("an asynchronous boot", WITHOUT_PROMISES, loop.point());
      }
      if (isProgram(booted))
        throw new SimulationUseError(
          `the node "${node.id}" to run its program`,
          "a function* that nothing performs; write boots(function* () { … }), with boots of @void-system/effects/world"
        );
      life.booted = booted ?? {};
      changed(node);
    });
  }

  /** Stops a node gracefully if its program can; otherwise crashes it. */
  stop(node: SimulatedNode): void {
    const { life } = node;
    if (!life) return;
    const { loop } = this.#around;
    loop.plan(EVENT.stop, loop.nowUs, node.index, life, -1, undefined, () => {
      const stop = life.booted?.stop;
      if (stop) stop(() => this.#end(node, life));
      else this.#end(node, life);
    });
  }

  /** Crashes a node if it is running. */
  crash(node: SimulatedNode): void {
    if (node.life) this.#end(node, node.life);
  }

  #giveThread({ id, index }: SimulatedNode): void {
    const { kernel, options } = this.#around;
    const speed = options.cpu?.speed?.(id) ?? 1;
    if (!(speed >= SPEED_MIN && speed <= SPEED_MAX))
      throw new SimulationUseError(`cpu.speed to give a number from ${SPEED_MIN} to ${SPEED_MAX} for ${id}`, `${speed}`);
    kernel.cpu?.add(index, speed);
  }

  #end(node: SimulatedNode, life: Life): void {
    if (!life.alive) return;
    this.#around.loop.end(node.index);
    life.alive = false;
    node.life = undefined;
    this.#around.loop.forget(node.index);
    node.disk.crash();
    this.#around.changed(node);
  }
}

/** Returns true for the generator of a `function*`, which a node must hand to `boots`. */
function isProgram(value: unknown): boolean {
  return typeof value === "object" && value !== null && Symbol.iterator in value && "next" in value;
}
