/**
 * `void set`: one key, through consensus.
 */
import type { Command } from "commander";
import { Store } from "../../store/store.ts";
import { clusterCommand } from "../command.ts";
import { Console } from "../console.ts";

/** `void set KEY VALUE`. */
export function setCommand(): Command {
  return clusterCommand("set", "set a key; prints OK when a quorum holds it", function* set(_, [key = "", value = ""]) {
    yield* Store.set(key, value);
    yield* Console.print({ key, ok: true }, ["OK"]);
  })
    .argument("<key>")
    .argument("<value>");
}
