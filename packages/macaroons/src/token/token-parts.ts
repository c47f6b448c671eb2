import type { MacaroonParts } from "../format/v2-binary.ts";

/** Method by which Node's `util.inspect` shows an object. */
const INSPECT = /* @__PURE__ */ Symbol.for("nodejs.util.inspect.custom");

/**
 * Holds the parts of a macaroon. Apart from the class {@link Macaroon}, so that a program that only verifies does not load
 * what mints and narrows.
 */
export class TokenParts {
  readonly #parts: MacaroonParts;

  constructor(parts: MacaroonParts) {
    this.#parts = parts;
  }

  /** The parts. Nobody may change them. */
  protected get parts(): MacaroonParts {
    return this.#parts;
  }

  /** Returns the parts of a macaroon, or `undefined` for anything else. */
  static of(value: unknown): MacaroonParts | undefined {
    return typeof value === "object" && value !== null && #parts in value ? value.#parts : undefined;
  }

  static {
    Object.defineProperty(TokenParts.prototype, INSPECT, {
      value(this: TokenParts): string {
        return `Macaroon ${JSON.stringify(this)}`;
      },
    });
  }
}
