/**
 * The `void` command.
 */
import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { EXIT } from "./cli/console.ts";

/** Commands in the order of the help. Each is loaded when it is called, since together they load half of what there is. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  dev: async () => (await import("./cli/commands/dev.ts")).devCommand(),
  node: async () => (await import("./cli/commands/node.ts")).nodeCommand(),
  keygen: async () => (await import("./cli/commands/keygen.ts")).keygenCommand(),
  status: async () => (await import("./cli/commands/status.ts")).statusCommand(),
  get: async () => (await import("./cli/commands/get.ts")).getCommand(),
  set: async () => (await import("./cli/commands/set.ts")).setCommand(),
  token: async () => (await import("./cli/commands/token.ts")).tokenCommand(),
  import: async () => (await import("./cli/commands/import.ts")).importCommand(),
  why: async () => (await import("./cli/commands/why.ts")).whyCommand(),
  place: async () => (await import("./cli/commands/place.ts")).placeCommand(),
  demo: async () => (await import("./cli/commands/demo.ts")).demoCommand(),
};

const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const version = typeof manifest === "object" && manifest !== null && "version" in manifest ? String(manifest.version) : "unknown";

const program = new Command("void")
  .description("A Byzantine fault tolerant key-value cluster, and the toolkit it is made of.")
  .version(version)
  .addHelpText("after", "\nExit codes: 0 success, 1 failure, 2 wrong usage or configuration, 130 interrupted.");
// Help, and the suggestion for a word that is no command, need all of them.
const [, , called = ""] = process.argv;
const loaded = Object.hasOwn(COMMANDS, called) ? [COMMANDS[called]] : Object.values(COMMANDS);
for (const load of loaded) if (load) program.addCommand(await load());

exitByThrowing(program);
try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // Commander has printed its message; help and version are no failures.
  process.exitCode = error.exitCode === 0 ? 0 : EXIT.usage;
}

/** So that wrong usage ends with our exit code. */
function exitByThrowing(command: Command): void {
  command.exitOverride();
  for (const child of command.commands) exitByThrowing(child);
}
