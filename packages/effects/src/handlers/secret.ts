/** A value that nobody may see by accident: it shows its name wherever a value would be printed. Made by {@link Secrets}. */
export class Secret {
  /** What it is called; no secret itself. */
  readonly name: string;
  readonly #value: string;

  constructor(name: string, value: string) {
    this.name = name;
    this.#value = value;
  }

  /** The value, for whoever needs it, and nobody else: not for logs, not for errors. */
  reveal(): string {
    return this.#value;
  }

  /** `[secret NAME]`. */
  toString(): string {
    return `[secret ${this.name}]`;
  }

  /** `[secret NAME]`. */
  toJSON(): string {
    return this.toString();
  }
}
