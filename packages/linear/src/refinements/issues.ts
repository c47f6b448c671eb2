import type { RefinementIssue } from "../errors.ts";

/** What a reader returns for a value that is not of its type; the reasons are in the {@link Issues}. */
export const INVALID: unique symbol = /* @__PURE__ */ Symbol("invalid");

/** Most mistakes that are listed for one value; after the last one stands a note that there are more. */
export const ISSUES_MAX = 1000;

/**
 * Collects the mistakes of one value while schemas read through it, with the path at which each was met; or, when it is
 * quiet, none: then a reader stops at the first mistake, and no reason is worked out.
 */
export class Issues {
  /** Whether the value is only judged (`is`): then nothing is filled in for it or copied. */
  readonly asIs: boolean;
  /** Whether only the verdict counts. */
  readonly isQuiet: boolean;
  readonly #list: RefinementIssue[] = [];
  readonly #path: PropertyKey[] = [];

  constructor(asIs: boolean, isQuiet = false) {
    this.asIs = asIs;
    this.isQuiet = isQuiet;
  }

  /** The mistakes so far. */
  get list(): readonly RefinementIssue[] {
    return this.#list;
  }

  /** Whether reading on is pointless: no further mistake will be listed. */
  get isFull(): boolean {
    return this.#list.length > ISSUES_MAX;
  }

  /** Goes down to a key or index. */
  enter(key: PropertyKey): void {
    this.#path.push(key);
  }

  /** Comes back up. */
  leave(): void {
    this.#path.pop();
  }

  /** Notes at the present path that something else was expected than this value. */
  refuse(expected: string, value: unknown): typeof INVALID {
    return this.isQuiet ? INVALID : this.add(`expected ${expected}, got ${describe(value)}`);
  }

  /** Notes a mistake at the present path. */
  add(reason: string): typeof INVALID {
    if (this.isQuiet) return INVALID;
    if (this.#list.length < ISSUES_MAX) this.#list.push({ path: [...this.#path], reason });
    else if (!this.isFull) this.#list.push({ path: [], reason: `more than ${ISSUES_MAX} mistakes, not all listed` });
    return INVALID;
  }
}

/** For a verdict on a value as it stands. */
export const JUDGE: Issues = /* @__PURE__ */ new Issues(true, true);
/** For a copy of a value, or the verdict that it is wrong. */
export const COPY: Issues = /* @__PURE__ */ new Issues(false, true);

const TEXT_CHARACTERS_MAX = 40;

/** A value in a few words, for a reason. */
function describe(value: unknown): string {
  if (value === null || value === undefined || typeof value === "boolean") return String(value);
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "bigint") return `${value.toString().slice(0, TEXT_CHARACTERS_MAX)}n`;
  if (typeof value === "string") {
    const cut = value.length > TEXT_CHARACTERS_MAX;
    return JSON.stringify(value.slice(0, TEXT_CHARACTERS_MAX)) + (cut ? `… (${value.length})` : "");
  }
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** What was thrown, in a few words; a hostile value may throw again when asked. */
export function describeThrown(error: unknown): string {
  try {
    if (!(error instanceof Error)) return describe(error);
    return `${error.name}: ${error.message}`.slice(0, 2 * TEXT_CHARACTERS_MAX);
  } catch {
    return "an unreadable error";
  }
}
