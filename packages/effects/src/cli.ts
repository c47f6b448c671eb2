/**
 * The command of this package: `npx @void-system/effects replay FILE`.
 */
import { parseArgs } from "node:util";
import { replayCommand } from "./replay-command/replay-command.ts";

/** What the command ends with. */
const EXIT_USAGE = 2;

const HELP = `Usage: npx @void-system/effects replay FILE [options]

Runs a saved failing run again and prints it as a message sequence chart.

FILE names a module, which is loaded and executed: replay only files that you trust.

Options:
  --svg OUT     write the chart as an SVG file too
  --to EVENT    stop after this event, and print what each node knows
  --help        print this

Exit codes: 1 it still fails, 0 it does not (or --to was reached before), 2 the file, its module or the command is wrong.
`;

process.exitCode = await main(process.argv.slice(2));

async function main(given: readonly string[]): Promise<number> {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...given],
      allowPositionals: true,
      options: { svg: { type: "string" }, to: { type: "string" }, help: { type: "boolean" } },
    });
  } catch (error) {
    return wrong(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals } = parsed;
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const [command, file, ...more] = positionals;
  if (command !== "replay" || file === undefined || more.length > 0) return wrong("expected: replay FILE");
  const to = values.to === undefined ? undefined : Number(values.to);
  if (to !== undefined && !(Number.isSafeInteger(to) && to >= 0)) return wrong("expected --to the number of an event");
  const { exitCode, out, err } = await replayCommand(file, {
    ...(values.svg !== undefined && { svg: values.svg }),
    ...(to !== undefined && { to }),
  });
  process.stdout.write(out);
  process.stderr.write(err);
  return exitCode;
}

function wrong(message: string): number {
  process.stderr.write(`${message}\n\n${HELP}`);
  return EXIT_USAGE;
}
