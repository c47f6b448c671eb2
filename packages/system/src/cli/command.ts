/**
 * What all commands share: the options that name a cluster, and errors that end as a message and an exit code.
 */
import { Command } from "commander";
import { ClusterClient } from "../cluster-client.ts";
import { type ClusterFile, DEV_FOLDER, readClusterFile, readToken } from "./cluster-file.ts";
import { type OutputOptions, printError } from "./output.ts";

/** Options of every command that talks to a cluster. */
export interface ClusterOptions extends OutputOptions {
  readonly dir: string;
  readonly tokenFile?: string;
}

/** A command whose errors are printed, not thrown. */
export function command<Options extends OutputOptions>(
  name: string,
  description: string,
  act: (words: readonly string[], options: Options) => Promise<void> | void,
): Command {
  return new Command(name)
    .description(description)
    .option("--json", "print JSON")
    .action(async function (this: Command) {
      // Commander fills the options that the command declares; `Options` names the same ones.
      const options = this.opts() as Options;
      try {
        await act(this.args, options);
      } catch (error) {
        printError(options, error);
      }
    });
}

/** A command that talks to a running cluster. */
export function clusterCommand<Options extends ClusterOptions>(
  name: string,
  description: string,
  act: (cluster: ClusterFile, client: ClusterClient, words: readonly string[], options: Options) => Promise<void>,
): Command {
  return command<Options>(name, description, async (words, options) => {
    const cluster = readClusterFile(options.dir);
    const addresses = cluster.nodes.map(({ resp }) => ({ host: cluster.host, port: resp }));
    const client = new ClusterClient(addresses, readToken(cluster, options.tokenFile));
    try {
      await act(cluster, client, words, options);
    } finally {
      client.close();
    }
  })
    .option("--dir <folder>", "folder of the cluster", DEV_FOLDER)
    .option("--token-file <file>", "file with the capability token (default: $VOID_TOKEN, then the administrator's)");
}
