/**
 * `void get` and `void set`: one key, through consensus.
 */
import type { Command } from "commander";
import { clusterCommand } from "./command.ts";
import { EXIT, print } from "./output.ts";

/** `void get KEY`: prints the value; exit code 1 and nothing printed when there is none. */
export function getCommand(): Command {
  return clusterCommand("get", "print the value of a key; exit code 1 when there is none", async (_, client, [key = ""], options) => {
    const value = await client.call("GET", key);
    if (value === null) process.exitCode = EXIT.failure;
    if (options.json) print(options, { key, value: value === null ? null : String(value) }, []);
    else if (value !== null) print(options, value, [String(value)]);
  }).argument("<key>");
}

/** `void set KEY VALUE`. */
export function setCommand(): Command {
  return clusterCommand("set", "set a key; prints OK when a quorum holds it", async (_, client, [key = "", value = ""], options) => {
    await client.call("SET", key, value);
    print(options, { key, ok: true }, ["OK"]);
  })
    .argument("<key>")
    .argument("<value>");
}
