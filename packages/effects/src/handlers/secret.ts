/**
 * A value that must not be printed by accident. Wherever it is printed or serialized, only its name appears. Made by
 * {@link Secrets}.
 */
export class Secret {
  /** The secret's name, which is not confidential. */
  readonly name: string;
  readonly #value: string;

  constructor(name: string, value: string) {
    this.name = name;
    this.#value = value;
  }

  /** Returns the value. Never put it into logs or errors. */
  reveal(): string {
    return this.#value;
  }

  /** Returns `[secret NAME]`. */
  toString(): string {
    return `[secret ${this.name}]`;
  }

  /** Returns `[secret NAME]`. */
  toJSON(): string {
    return this.toString();
  }
}
