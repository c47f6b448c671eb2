/**
 * The `void` command.
 */
import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { demoCommand } from "./cli/commands/demo.ts";
import { devCommand } from "./cli/commands/dev.ts";
import { keygenCommand } from "./cli/commands/keygen.ts";
import { nodeCommand } from "./cli/commands/node.ts";
import { EXIT } from "./cli/console.ts";
import { getCommand } from "./cli/commands/get.ts";
import { setCommand } from "./cli/commands/set.ts";
import { statusCommand } from "./cli/commands/status.ts";
import { importCommand } from "./cli/commands/import.ts";
import { placeCommand } from "./cli/commands/place.ts";
import { whyCommand } from "./cli/commands/why.ts";
import { tokenCommand } from "./cli/commands/token.ts";

const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const version = typeof manifest === "object" && manifest !== null && "version" in manifest ? String(manifest.version) : "unknown";

const program = new Command("void")
  .description("A Byzantine fault tolerant key-value cluster, and the toolkit it is made of.")
  .version(version)
  .addHelpText("after", "\nExit codes: 0 success, 1 failure, 2 wrong usage or configuration, 130 interrupted.");
for (const command of [
  devCommand(),
  nodeCommand(),
  keygenCommand(),
  statusCommand(),
  getCommand(),
  setCommand(),
  tokenCommand(),
  importCommand(),
  whyCommand(),
  placeCommand(),
  demoCommand(),
]) {
  program.addCommand(command);
}

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
