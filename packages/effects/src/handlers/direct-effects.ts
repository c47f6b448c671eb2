/**
 * The effects of direct style by name, with the types of their handlers.
 */
import type { Clock, Disk, Logger, Network, Random } from "../world.ts";
import type { Secret } from "./secret.ts";

/** The effects by name, each with the type of its handler. */
export interface Effects {
  /** Time. */
  readonly clock: Clock;
  /** Log lines. */
  readonly logger: Logger;
  /** Durable logs. */
  readonly disk: Disk;
  /** Links to other nodes. */
  readonly network: Network;
  /** Randomness. */
  readonly random: Random;
  /** Secret values by name. */
  readonly secrets: Secrets;
  /** One mutable value. */
  readonly state: StateCell<unknown>;
}

/** The source of secrets. */
export interface Secrets {
  /**
   * Returns the secret of that name.
   *
   * @throws {@link SecretMissingError} when the secret is missing or empty.
   */
  get(name: string): Secret;
}

/** One mutable value. */
export interface StateCell<State> {
  /** Returns the value. */
  get(): State;
  /** Replaces the value. */
  put(state: State): void;
}

/** The part of a handler that names its effect. */
export interface Answers<Name extends keyof Effects> {
  /** Name of the handled effect. */
  readonly effect: Name;
}

/** A handler of one effect in direct style. */
export type Handler = { [Name in keyof Effects]: Effects[Name] & Answers<Name> }[keyof Effects];

/** The handlers in force at one place. */
export type Scope = Partial<Effects>;
