import { compile } from "./compile.ts";
import type { Quick } from "./compile.ts";
import { COPY, INVALID, JUDGE } from "../issues.ts";
import type { Issues } from "../issues.ts";
import { isSettled } from "./settled.ts";
import { makeSchema } from "../schema.ts";
import type { Description, OpenSchema, Read, Reader } from "../schema.ts";

/** Makes a schema of values with parts. It is compiled when it is used often, and caches verdicts on frozen values. */
export function makeCompound<Out, In>(name: string, type: Description, read: Read<Out>): OpenSchema<Out, In> {
  return makeSchema(name, type, read, undefined, new KeenReader(type, read, JUDGE), new KeenReader(type, read, COPY));
}

/** Uses after which a reader is compiled, which is not worth it for a configuration that is read once. */
const COMPILED_AFTER_USES = 16;
/** Maximum of uses between two closer looks at a value. Until then their number doubles each time. */
const LOOK_AFTER_USES_MAX = 256;

class KeenReader<Out> implements Reader<Out> {
  readonly #type: Description;
  readonly #read: Read<Out>;
  readonly #mode: Issues;
  // Called at a place of its own, so that the engine sees a single target there.
  #quick: Quick | undefined = undefined;
  #uses = 0;
  #lookAt = 1;
  /** Results for values that can never change. */
  #known: WeakMap<object, Out> | undefined = undefined;

  constructor(type: Description, read: Read<Out>, mode: Issues) {
    this.#type = type;
    this.#read = read;
    this.#mode = mode;
  }

  read(value: unknown): Out | typeof INVALID {
    if (this.#known !== undefined && typeof value === "object" && value !== null) {
      const known = this.#known.get(value);
      if (known !== undefined) return known;
    }
    // The compiled reader returns the same as the plain one.
    const result = this.#quick === undefined ? this.#read(value, this.#mode) : (this.#quick(value) as Out | typeof INVALID);
    if (result !== INVALID && ++this.#uses >= this.#lookAt) this.#look(value);
    return result;
  }

  #look(value: unknown): void {
    this.#lookAt = this.#uses + Math.min(this.#uses, LOOK_AFTER_USES_MAX);
    if (this.#uses >= COMPILED_AFTER_USES) this.#quick ??= compile(this.#type, this.#mode.asIs);
    if (typeof value !== "object" || value === null || !isSettled(value)) return;
    // Read again, now that it is known to be frozen, because a getter may have changed and then frozen it the first
    // time.
    const result = this.#read(value, this.#mode);
    if (result !== INVALID) (this.#known ??= new WeakMap()).set(value, result);
  }
}
