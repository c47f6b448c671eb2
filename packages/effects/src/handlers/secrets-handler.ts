import { SecretMissingError } from "../errors.ts";
import type { Secrets } from "./direct-effects.ts";
import { handlerOf } from "./scope.ts";
import { Secret } from "./secret.ts";

/** Source of a {@link SecretsHandler}: an object such as the environment, a map, or a function that may read files. */
export type SecretSource =
  | Readonly<Record<string, string | undefined>>
  | ReadonlyMap<string, string>
  | ((name: string) => string | undefined);

/**
 * Handles the effect of secrets. It reads only from the given source: `process.env`, a map (for tests), or a function
 * such as ``(name) => readFileSync(join("/run/secrets", name), "utf8").trimEnd()``. Values do not appear in errors, logs
 * or JSON unless a program reveals them there.
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
  /** Name of the handled effect. */
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
      // Only the error's code is passed on, because its message may quote the secret.
      throw new SecretMissingError(name, error instanceof Error && "code" in error ? String(error.code) : undefined);
    }
    // An empty value is most likely a variable that was not filled in.
    if (value === undefined || value === "") throw new SecretMissingError(name);
    return new Secret(name, value);
  }
}

/**
 * Returns a secret from the secrets handler in force.
 *
 * @throws {@link UnhandledEffectError} when no secrets handler is in force, {@link SecretMissingError} when the secret is
 * missing or empty.
 */
export function askSecret(name: string): Secret {
  return handlerOf("secrets", "askSecret()", "new SecretsHandler(process.env)").get(name);
}
