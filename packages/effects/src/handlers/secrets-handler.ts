import { SecretMissingError } from "../errors.ts";
import type { Secrets } from "./direct-effects.ts";
import { handlerOf } from "./scope.ts";
import { Secret } from "./secret.ts";

/** What a {@link SecretsHandler} reads: the environment, a map, or a function (to read files by). */
export type SecretSource =
  | Readonly<Record<string, string | undefined>>
  | ReadonlyMap<string, string>
  | ((name: string) => string | undefined);

/**
 * Answers the effect of secrets. It reads only what it is given: `process.env`, a map (for tests), or a function such as
 * ``(name) => readFileSync(join("/run/secrets", name), "utf8").trimEnd()``. A value never stands in an error, a log or
 * JSON, unless somebody reveals it there.
 *
 * @example
 * ```ts
 * import { askSecret, SecretsHandler, withHandlers } from "@void-system/effects";
 *
 * const secrets = new SecretsHandler({ API_KEY: "hunter2" });
 * const key = withHandlers([secrets], () => askSecret("API_KEY"));
 * key.reveal(); // => "hunter2"
 * JSON.stringify({ key }); // => '{"key":"[secret API_KEY]"}'
 * ```
 */
export class SecretsHandler implements Secrets {
  /** The effect that it answers. */
  readonly effect = "secrets";
  readonly #find: (name: string) => string | undefined;

  constructor(source: SecretSource) {
    if (typeof source === "function") this.#find = source;
    else if (source instanceof Map) this.#find = (name) => source.get(name);
    else {
      const values = new Map(Object.entries(source));
      this.#find = (name) => values.get(name);
    }
  }

  get(name: string): Secret {
    let value: string | undefined;
    try {
      value = this.#find(name);
    } catch (error) {
      // Its code and no more: the message of an error may quote what was read.
      throw new SecretMissingError(name, error instanceof Error && "code" in error ? String(error.code) : undefined);
    }
    // An empty one is what a variable that somebody forgot to fill looks like.
    if (value === undefined || value === "") throw new SecretMissingError(name);
    return new Secret(name, value);
  }
}

/**
 * A secret, from the handler around.
 *
 * @throws {@link UnhandledEffectError} when there is none; {@link SecretMissingError} when it has none of that name.
 */
export function askSecret(name: string): Secret {
  return handlerOf("secrets", "askSecret()", "new SecretsHandler(process.env)").get(name);
}
