import type { RefinementIssue } from "./errors.ts";

/** What a reader returns for a value that is not of its type; the reasons are in the {@link Issues}. */
export const INVALID: unique symbol = /* @__PURE__ */ Symbol("invalid");

/** Most mistakes that are listed for one value; after the last one stands a note that there are more. */
export const ISSUES_MAX = 1000;

/** Collects the mistakes of one value while schemas read through it, with the path at which each was met. */
export class Issues {
  /** Whether the value is only judged (`is`): then nothing may be filled in for it. */
  readonly asIs: boolean;
  readonly #list: RefinementIssue[] = [];
  readonly #path: PropertyKey[] = [];

  constructor(asIs: boolean) {
    this.asIs = asIs;
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

  /** Notes a mistake at the present path. */
  add(reason: string): typeof INVALID {
    if (this.#list.length < ISSUES_MAX) this.#list.push({ path: [...this.#path], reason });
    else if (!this.isFull) this.#list.push({ path: [], reason: `more than ${ISSUES_MAX} mistakes, not all listed` });
    return INVALID;
  }
}

const TEXT_CHARACTERS_MAX = 40;

/** A value in a few words, for a reason. */
export function describe(value: unknown): string {
  if (value === null || value === undefined || typeof value === "boolean") return String(value);
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "bigint") return `${value.toString().slice(0, TEXT_CHARACTERS_MAX)}n`;
  if (typeof value === "string") {
    const cut = value.length > TEXT_CHARACTERS_MAX;
    return JSON.stringify(value.slice(0, TEXT_CHARACTERS_MAX)) + (cut ? `… (${value.length} characters)` : "");
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
