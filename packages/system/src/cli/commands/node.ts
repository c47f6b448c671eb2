/**
 * `void node`: one node, in the foreground, until SIGINT or SIGTERM. SIGHUP reads its configuration again.
 */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { type Need, onExit, race } from "@void-system/effects/fibers";
import { fromPromise } from "@void-system/effects/world";
import { type SystemConfig, parseConfig, resolvePaths } from "../../config.ts";
import { BootError, ConfigError } from "../../errors.ts";
import { DRAIN_DEADLINE_MS } from "../../boot/lifecycle.ts";
import { VoidSystem } from "../../boot/void-system.ts";
import { command } from "../command.ts";
import { Console, type OutputOptions } from "../console.ts";
import { Signals } from "../signals.ts";

interface NodeOptions extends OutputOptions {
  readonly config: string;
  readonly untilStdinEnds?: boolean;
  readonly emptyDisk?: boolean;
}

/** `void node --config FILE`. */
export function nodeCommand(): Command {
  return command<NodeOptions>("node", "run one node until SIGINT or SIGTERM", function* node(_, options) {
    const read = (): SystemConfig => ({ ...readConfig(options.config), ...(options.emptyDisk && { emptyDisk: true }) });
    const system = new VoidSystem(read());
    // Stopped while it starts: that, too, is what was asked for.
    yield* race([
      () => living(system),
      () => reloading(system, read),
      () => Signals.interrupted(),
      ...(options.untilStdinEnds ? [() => Signals.stdinEnded()] : []),
    ]);
  })
    .requiredOption("--config <file>", "the node's configuration, JSON")
    .option("--empty-disk", "begin with an empty data folder although this replica has voted: it then counts as one of the f faulty ones")
    .option("--until-stdin-ends", "also stop when standard input ends, as a child of another process");
}

/** A node's whole life: it stops when its fiber ends, and throws when it ends by itself. */
function* living(system: VoidSystem): Generator<Need<"void.console">, void> {
  let drainMs = DRAIN_DEADLINE_MS;
  yield* onExit(() => fromPromise(() => system.stop(drainMs)));
  try {
    yield* fromPromise((signal) => system.initialize(signal));
    yield* fromPromise(() => system.run());
  } catch (error) {
    drainMs = 0;
    throw error instanceof BootError && error.cause instanceof ConfigError ? error.cause : error;
  }
  const { nodeId, role, faces, problems } = system.status();
  const own = problems.filter(({ about }) => about === nodeId).map(({ name, message }) => `${nodeId}: ${name}: ${message}`);
  yield* Console.print({ nodeId, role, faces, problems }, [`${nodeId} (${role}) runs${addresses(faces)}`, ...own]);
  const cause = yield* fromPromise(() => system.ended);
  drainMs = 0;
  if (cause) throw cause;
}

/** Reads the configuration again at each SIGHUP. One that cannot be used changes nothing, and ends nothing. */
function* reloading(system: VoidSystem, read: () => SystemConfig): Generator<Need<"void.signals"> | Need<"void.console">, never> {
  for (;;) {
    yield* Signals.hungUp();
    try {
      const differing = system.reload(read());
      if (differing.length > 0) yield* Console.tell(`void: reloaded; a restart is needed for ${differing.join(", ")}`);
    } catch (error) {
      yield* Console.tell(`void: not reloaded: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
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
