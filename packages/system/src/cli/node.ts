/**
 * `void node`: one node, in the foreground, until SIGINT or SIGTERM.
 */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { type SystemConfig, parseConfig, resolvePaths } from "../config.ts";
import { BootError, ConfigError } from "../errors.ts";
import { VoidSystem } from "../void-system.ts";
import { command } from "./command.ts";
import { interruption } from "./interruption.ts";
import { EXIT, type OutputOptions, print, tell } from "./output.ts";

interface NodeOptions extends OutputOptions {
  readonly config: string;
  readonly untilStdinEnds?: boolean;
}

/** `void node --config FILE`. */
export function nodeCommand(): Command {
  return command<NodeOptions>("node", "run one node until SIGINT or SIGTERM", async (_, options) => {
    const system = new VoidSystem(readConfig(options.config));
    const interrupted = interruption();
    const stop = (): void => void system.stop().catch((error: unknown) => tell(`void: ${String(error)}`));
    interrupted.addEventListener("abort", stop);
    if (options.untilStdinEnds) process.stdin.once("close", stop).resume();
    try {
      await system.initialize(interrupted);
      await system.run();
      const { nodeId, role, faces } = system.status();
      print(options, { nodeId, role, faces }, [`${nodeId} (${role}) runs${addresses(faces)}`]);
    } catch (error) {
      await system.stop(0).catch(() => undefined);
      // Stopped while it started: that is what was asked for.
      if (interrupted.aborted) process.exit(0);
      throw error instanceof BootError && error.cause instanceof ConfigError ? error.cause : error;
    }
    const cause = await system.ended;
    if (cause) {
      tell(`void: ${cause.message}`);
      await system.stop(0).catch(() => undefined);
      process.exit(EXIT.failure);
    }
    await system.stop();
    process.exit(0);
  })
    .requiredOption("--config <file>", "the node's configuration, JSON")
    .option("--until-stdin-ends", "also stop when standard input ends, as a child of another process");
}

/** A configuration file, its paths seen from its own folder. @throws {@link ConfigError} */
function readConfig(file: string): SystemConfig {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new ConfigError([{ path: "", reason: cause instanceof Error ? cause.message : String(cause) }], file);
  }
  try {
    return resolvePaths(parseConfig(value), dirname(resolve(file)));
  } catch (error) {
    throw error instanceof ConfigError ? new ConfigError(error.mistakes, file) : error;
  }
}

function addresses(faces: Readonly<Record<string, { readonly host: string; readonly port: number }>>): string {
  return Object.entries(faces)
    .map(([name, { host, port }]) => `, ${name} on ${host}:${port}`)
    .join("");
}
