import type { RefinementIssue } from "../errors.ts";
import { isRecord } from "./internal/record.ts";

/** Returned by a reader for a value that is not of its type. The reasons are in the {@link Issues}. */
export const INVALID: unique symbol = /* @__PURE__ */ Symbol("invalid");

/** Maximum of mistakes listed for one value. A note that there are more follows the last one. */
export const ISSUES_MAX = 1000;

/**
 * Collects the mistakes of one value while schemas read through it, with their paths. In quiet mode it collects none,
 * and readers stop at the first mistake without computing its reason.
 */
export class Issues {
  /** True if the value is only judged (`is`), so that nothing is filled in or copied. */
  readonly asIs: boolean;
  /** True if only the verdict counts. */
  readonly isQuiet: boolean;
  readonly #list: RefinementIssue[] = [];
  readonly #path: PropertyKey[] = [];

  constructor(asIs: boolean, isQuiet = false) {
    this.asIs = asIs;
    this.isQuiet = isQuiet;
  }

  /** Mistakes so far. */
  get list(): readonly RefinementIssue[] {
    return this.#list;
  }

  /** True if reading on is pointless, because no further mistake will be listed. */
  get isFull(): boolean {
    return this.#list.length > ISSUES_MAX;
  }

  /** Descends to a key or index. */
  enter(key: PropertyKey): void {
    this.#path.push(key);
  }

  /** Returns to the parent. */
  leave(): void {
    this.#path.pop();
  }

  /** Adds a mistake at the current path: something else was expected than this value. */
  refuse(expected: string, value: unknown): typeof INVALID {
    return this.isQuiet ? INVALID : this.add(`expected ${expected}, got ${describe(value)}`);
  }

  /** Adds a mistake at the current path. */
  add(reason: string): typeof INVALID {
    if (this.isQuiet) return INVALID;
    if (this.#list.length < ISSUES_MAX) this.#list.push({ path: [...this.#path], reason });
    else if (!this.isFull) this.#list.push({ path: [], reason: `more than ${ISSUES_MAX} mistakes, not all listed` });
    return INVALID;
  }
}

/** Collector for a verdict on a value as it is. */
export const JUDGE: Issues = /* @__PURE__ */ new Issues(true, true);
/** Collector for a copy of a value, or the verdict that it is invalid. */
export const COPY: Issues = /* @__PURE__ */ new Issues(false, true);

const TEXT_CHARACTERS_MAX = 40;

/** Describes a value in a few words, for a reason. */
function describe(value: unknown): string {
  if (value === null || value === undefined || typeof value === "boolean") return String(value);
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "bigint") return `${value.toString().slice(0, TEXT_CHARACTERS_MAX)}n`;
  if (typeof value === "string") {
    const cut = value.length > TEXT_CHARACTERS_MAX;
    return JSON.stringify(value.slice(0, TEXT_CHARACTERS_MAX)) + (cut ? `… (${value.length})` : "");
  }
  if (Array.isArray(value)) return "an array";
  if (typeof value !== "object") return `a ${typeof value}`;
  return isRecord(value) ? "an object" : `an instance of ${constructorOf(value)}`;
}

/** Returns the name of an object's class. A hostile value may have anything in its place. */
function constructorOf(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  const { constructor } = prototype as { readonly constructor?: unknown };
  const name = typeof constructor === "function" ? constructor.name : "";
  return typeof name === "string" && name !== "" ? name.slice(0, TEXT_CHARACTERS_MAX) : "a class without a name";
}

/** Describes a thrown value in a few words. A hostile value may throw again when it is read. */
export function describeThrown(error: unknown): string {
  try {
    if (!(error instanceof Error)) return describe(error);
    return `${error.name}: ${error.message}`.slice(0, 2 * TEXT_CHARACTERS_MAX);
  } catch {
    return "an unreadable error";
  }
}
