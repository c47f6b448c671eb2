/**
 * Operations that programs make: each must be performed. Without its `yield*`, an operation compiles and does nothing.
 */
import { currentFiber, type Eff, type FiberProgress } from "@void-system/effects/fibers";
import type { Place } from "../errors.ts";

/** Most operations that may wait to be performed. A loop without a `yield*` makes them forever. */
const OPEN_MAX = 1_000;

/** Names of the effects of a World, by their keys. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ["void.clock", "Clock"],
  ["void.random", "Random"],
  ["void.network", "Net"],
  ["void.disk", "Disk"],
  ["void.compute", "Compute"],
  ["void.log", "Log"],
]);

/** Waits, which programs keep for later more often than they forget them. */
const WAITS: ReadonlySet<string> = new Set(["Clock.sleep", "Net.receive", "Net.linked"]);

/** An operation that was made. */
export interface MadeOperation {
  /** Node or client whose program made it. */
  readonly node: string;
  /** Its name, such as `Net.send`. */
  readonly name: string;
  /** Virtual milliseconds since the beginning. */
  readonly atMs: number;
  /** Place in the code, if this run looks for it. */
  readonly place: Place | undefined;
  /** Fiber that made it, if any. */
  readonly fiber: FiberProgress | undefined;
  /** Turn of the fiber in which it was made. */
  readonly turn: number;
}

/** The surroundings of the programs. */
export interface MakerSurroundings {
  /** Name of the node whose code is running. */
  readonly runningNode: string | undefined;
  /** Virtual milliseconds since the beginning. */
  readonly now: number;
}

/** Keeps the operations that were made and not performed. */
export class MadeOperations {
  readonly #around: MakerSurroundings;
  /** Is called with the first operation, when too many were not performed. */
  readonly #tooMany: (made: MadeOperation) => never;
  /** Is called with the peer of each `Net.linked`. */
  readonly #linking: (node: string, peer: unknown) => void;
  readonly #open = new Map<object, MadeOperation>();
  /** The newest operation, which is nearly always performed next. It saves the entry in the map. */
  #newest: object | undefined;
  // Those of the newest operation. An object for each operation would take as long as the operation itself.
  #node = "";
  #key = "";
  #name = "";
  #atMs = 0;
  #place: Place | undefined;
  /** Names, without their effects, of the operations that each node has performed. */
  readonly #performedBy = new Map<string, Set<string>>();
  #fiber: FiberProgress | undefined;
  #turn = 0;
  /** Returns the place of an operation that is being made, if it is wanted. */
  readonly #placeOf: (node: string, nowMs: number) => Place | undefined;
  /** The iterator method of the operations. Like those of steps and generators, it returns the operation itself. */
  readonly #perform: (this: object) => object;

  constructor(
    around: MakerSurroundings,
    tooMany: (made: MadeOperation) => never,
    linking: (node: string, peer: unknown) => void,
    placeOf: (node: string, nowMs: number) => Place | undefined
  ) {
    this.#around = around;
    this.#tooMany = tooMany;
    this.#linking = linking;
    this.#placeOf = placeOf;
    const performed = this.#performed.bind(this);
    this.#perform = function (this: object): object {
      performed(this);
      return this;
    };
  }

  /** Keeps an operation of an effect until it is performed. */
  watch(operation: Eff<unknown, unknown>, key: string, name: string, first: unknown): void {
    const node = this.#around.runningNode;
    if (node === undefined) return;
    if (key === "void.network" && name === "linked") this.#linking(node, first);
    this.#keep(operation, node, key, name);
  }

  /** Keeps an operation of a client until it is performed, and returns it. */
  made<P extends Eff<unknown, unknown>>(operation: P, name: string): P {
    const node = this.#around.runningNode;
    if (node !== undefined) this.#keep(operation, node, "client", name);
    return operation;
  }

  #keep(operation: Eff<unknown, unknown>, node: string, key: string, name: string): void {
    this.#keepNewest();
    this.#newest = operation;
    this.#node = node;
    this.#key = key;
    this.#name = name;
    this.#atMs = this.#around.now;
    this.#place = this.#placeOf(node, this.#atMs);
    this.#fiber = currentFiber();
    this.#turn = this.#fiber?.turns ?? 0;
    // The property is the object's own, and `yield*` calls it. Steps and generators may take one.
    (operation as { [Symbol.iterator]?: unknown })[Symbol.iterator] = this.#perform;
  }

  /** Drops the operations of a node's life that has ended. */
  forget(node: string): void {
    this.#keepNewest();
    for (const [operation, made] of this.#open) if (made.node === node) this.#open.delete(operation);
  }

  /**
   * Returns the first operation of these nodes that was not performed. An operation of a cancelled fiber is excused if
   * it is a wait, or if its node has performed others of that name: it may have been kept for later. So is, after an end
   * that may come early, one that was made since its fiber last continued.
   */
  first(isRunning: (node: string) => boolean, isEarly: boolean): MadeOperation | undefined {
    this.#keepNewest();
    for (const made of this.#open.values()) {
      const { fiber, turn, node } = made;
      const mayFollow = isEarly && fiber !== undefined && !fiber.ended && fiber.turns === turn;
      if (isRunning(node) && !this.#isExcused(made) && !mayFollow) return made;
    }
    return undefined;
  }

  /** Place of the newest operation, if that is a node's and was not performed. */
  newestPlace(node: string): Place | undefined {
    return this.#newest && this.#node === node ? this.#place : undefined;
  }

  #keepNewest(): void {
    if (!this.#newest) return;
    const name = `${NAMES.get(this.#key) ?? this.#key}.${this.#name}`;
    this.#open.set(this.#newest, { node: this.#node, name, atMs: this.#atMs, place: this.#place, fiber: this.#fiber, turn: this.#turn });
    this.#newest = undefined;
    if (this.#open.size <= OPEN_MAX) return;
    for (const [operation, made] of this.#open) if (this.#isExcused(made)) this.#open.delete(operation);
    const [first] = this.#open.values();
    if (first && this.#open.size > OPEN_MAX) this.#tooMany(first);
  }

  #isExcused({ fiber, node, name }: MadeOperation): boolean {
    if (fiber?.isCancelled !== true) return false;
    return WAITS.has(name) || this.#performedBy.get(node)?.has(shortName(name)) === true;
  }

  #performed(operation: object): void {
    if (operation === this.#newest) {
      this.#newest = undefined;
      this.#count(this.#node, this.#name);
      return;
    }
    const made = this.#open.get(operation);
    if (!made) return;
    this.#open.delete(operation);
    this.#count(made.node, shortName(made.name));
  }

  #count(node: string, name: string): void {
    const names = this.#performedBy.get(node);
    if (names) names.add(name);
    else this.#performedBy.set(node, new Set([name]));
  }
}

/** Returns the name of an operation without its effect. */
function shortName(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}
