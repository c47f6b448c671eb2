/**
 * Base of all commands. Each is a program that runs on this machine until it ends or Ctrl-C cancels it. Errors end as a
 * message and an exit code.
 */
import { Command } from "commander";
import { platformClock } from "@void-system/effects";
import { type Eff, FiberCancelledError, FinalizersFailedError, type Need, onExit, run } from "@void-system/effects/fibers";
import { Clock } from "@void-system/effects/world";
import { ClusterStore } from "../clients/cluster-store.ts";
import { InterruptedError } from "../errors.ts";
import { Http, overNetwork } from "../clients/http-client.ts";
import { Redis, RedisConnections } from "../clients/redis-client.ts";
import { Store } from "../store/store.ts";
import { DEV_FOLDER } from "./cluster-file.ts";
import { Console, type OutputOptions, printError, terminal, watchOutput } from "./console.ts";
import { Machine, thisMachine } from "./machine.ts";
import { type Profile, type ProfileOptions, addressesOf, readProfile } from "./profile.ts";
import { ProcessSignals, Signals } from "./signals.ts";

/** Effects that a command may perform. */
export type CommandNeeds =
  | Need<"void.clock">
  | Need<"void.console">
  | Need<"void.http">
  | Need<"void.machine">
  | Need<"void.redis">
  | Need<"void.signals">;

/** Program of a command. It returns the exit code, or undefined for success. */
export type Act<Options, R = never> = (words: readonly string[], options: Options) => Eff<CommandNeeds | R, number | void>;

/** Options of every command that talks to a cluster. */
export type ClusterOptions = OutputOptions & ProfileOptions;

/** The dataset that `void why` and `void place` read back. */
export const DATASET_OPTION = ["--dataset <name>", "dataset that was imported", "petshop"] as const;

/** A command. */
export function command<Options extends OutputOptions>(name: string, description: string, act: Act<Options>): Command {
  return new Command(name)
    .description(description)
    .option("--json", "print JSON")
    .action(async function (this: Command) {
      // Commander fills the options that the command declares; `Options` names the same ones.
      const options = this.opts() as Options;
      watchOutput(options);
      const code = await perform(options, () => act(this.args, options));
      // What it wrote may have failed meanwhile.
      if (code !== 0) process.exitCode = code;
    });
}

/** A command that talks to a running cluster, whose store is there for its program. */
export function clusterCommand<Options extends ClusterOptions>(
  name: string,
  description: string,
  act: (cluster: Profile, words: readonly string[], options: Options) => ReturnType<Act<Options, Need<"void.store">>>,
): Command {
  return withCluster(
    command<Options>(name, description, function* inCluster(words, options) {
      const cluster = readProfile(options);
      const store = new ClusterStore(addressesOf(cluster), cluster.token());
      return yield* Store.handle(store, () => act(cluster, words, options));
    }),
  );
}

/** The options by which a command finds its cluster. */
export function withCluster(made: Command): Command {
  return made
    .option("--dir <folder>", "folder of a cluster that void dev has started", DEV_FOLDER)
    .option("--endpoints <list>", "addresses of any cluster for Redis clients: host:port,host:port,…")
    .option("--profile <file>", "JSON file with the nodes of any cluster: { nodes: [{ id, host, resp, http }], tokenFile }")
    .option("--token-file <file>", "file with the capability token (default: $VOID_TOKEN, then that of --profile or --dir)");
}

/** Runs the program of a command on this machine and returns its exit code. */
async function perform(options: OutputOptions, program: () => Eff<CommandNeeds, number | void>): Promise<number> {
  const signals = new ProcessSignals();
  const connections = new RedisConnections();
  const timed = () => Clock.handle(platformClock(), program);
  const shown = () => Console.handle(terminal(options), timed);
  const asking = () => Http.handle(overNetwork, shown);
  const speaking = () => Redis.handle(connections, asking);
  const working = () => Machine.handle(thisMachine, speaking);
  try {
    const code = await run(
      function* connected() {
        yield* onExit(() => connections.close());
        return yield* Signals.handle(signals, working);
      },
      { signal: signals.cancelled },
    );
    return code ?? 0;
  } catch (error) {
    const errors = error instanceof FinalizersFailedError ? error.errors : [error];
    const [code = 0] = errors.map((one) => printError(options, one instanceof FiberCancelledError ? new InterruptedError() : one));
    return code;
  }
}
