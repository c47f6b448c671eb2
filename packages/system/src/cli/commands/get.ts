/**
 * `void get`: one key, through consensus.
 */
import type { Command } from "commander";
import { Store } from "../../store/store.ts";
import { clusterCommand } from "../command.ts";
import { Console, EXIT } from "../console.ts";

/** `void get KEY`: prints the value; exit code 1 and nothing printed when there is none. */
export function getCommand(): Command {
  return clusterCommand("get", "print the value of a key; exit code 1 when there is none", function* get(_, [key = ""], { json }) {
    const value = yield* Store.get(key);
    if (json || value !== undefined) yield* Console.print({ key, value: value ?? null }, [value ?? ""]);
    return value === undefined ? EXIT.failure : 0;
  }).argument("<key>");
}
