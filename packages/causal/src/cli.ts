/**
 * The command of this package: `npx @void-system/causal why METRICS --graph G --target X`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { CausalError, InvalidQueryError } from "./errors.ts";
import { why, type WhyAnswer } from "./import/why.ts";
import { toHtml } from "./pictures/html.ts";
import { percent, timeText } from "./pictures/markup.ts";
import { toMermaid } from "./pictures/mermaid.ts";
import { toSvg } from "./pictures/svg.ts";

const HELP = `Usage: npx @void-system/causal why METRICS... --target NODE:METRIC [options]

METRICS are files: CSV (time,node,metric,value, or three header rows), Prometheus query_range JSON, or OTLP/JSON spans.

  --graph FILE      who calls whom: CSV (caller,callee, or a matrix), or service-graph metrics; not needed with spans
  --normal RANGE    the normal period as FROM..TO, seconds since 1970 or ISO 8601; the incident is all
                    after it, or all before it if nothing is after it
                    (default: the first nine tenths of the rows)
  --load METRIC     the metric that counts a node's requests
  --worse SIDE      higher or lower: the bad side of the metric
  --rate RATE       false-alarm rate (default: 0.01)
  --json            print everything as JSON
  --svg             print a picture as SVG
  --mermaid         print the graph as Mermaid
  --html FILE       write a page with everything into a file, too; it needs no network
  --help            print this help

Exit codes: 0 answered, 2 the question, a file or the command is wrong.
`;
const EXIT_WRONG = 2;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  try {
    process.stdout.write(await answer(args));
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof CausalError || error instanceof TypeError || isFileError(error) ? error.message : String(error)}\n`);
    return EXIT_WRONG;
  }
}

async function answer(args: readonly string[]): Promise<string> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      graph: { type: "string" }, target: { type: "string" }, normal: { type: "string" }, load: { type: "string" }, worse: { type: "string" },
      rate: { type: "string" }, json: { type: "boolean" }, svg: { type: "boolean" }, mermaid: { type: "boolean" }, html: { type: "string" }, help: { type: "boolean" },
    },
  });
  if (values.help) return HELP;
  const [command, ...files] = positionals;
  const { target, graph, normal, load, worse, rate } = values;
  if (command !== "why" || files.length === 0 || target === undefined) throw new InvalidQueryError(`expected why METRICS --target NODE:METRIC\n\n${HELP}`);
  if (worse !== undefined && worse !== "higher" && worse !== "lower") throw new InvalidQueryError(`expected --worse higher or lower, got ${worse}`);
  const found = await why({
    metrics: files.map((file) => readFileSync(file, "utf8")),
    target,
    ...(graph === undefined ? {} : { graph: readFileSync(graph, "utf8") }),
    ...(normal === undefined ? {} : { normal }),
    ...(load === undefined ? {} : { load }),
    ...(worse === undefined ? {} : { worse }),
    ...(rate === undefined ? {} : { falseAlarmRate: Number(rate) }),
  });
  if (values.html !== undefined) writeFileSync(values.html, toHtml(found.diagnosis, found));
  if (values.json) return `${JSON.stringify(found.diagnosis, (_, value) => (value instanceof Float64Array ? [...value] : value), 2)}\n`;
  if (values.svg) return toSvg(found.diagnosis, found.incident);
  return values.mermaid ? toMermaid(found.diagnosis) : textOf(found);
}

/** Names come from files: what would move the cursor or turn the direction of writing is shown as its code. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function textOf({ diagnosis }: WhyAnswer): string {
  const { sentence, candidates, apart, windows } = diagnosis;
  const part = (value: number): string => percent(value).padStart(5);
  const line = ({ node, share, sinceRow, sinceMs, path }: (typeof candidates)[number]): string =>
    `${part(share.value)} (${part(share.low)} to ${part(share.high)})  since ${timeText(sinceMs, sinceRow)}  ${path.join(" -> ") || node}`;
  return [
    sentence,
    `Compared with ${windows} windows of the normal period.`,
    ...candidates.slice(0, 5).map(line),
    ...(apart.length > 0 ? ["Moved with it, without a way to it:", ...apart.slice(0, 5).map(line)] : []),
    "",
  ].map(printable).join("\n");
}

function isFileError(error: unknown): error is Error {
  return error instanceof Error && "syscall" in error;
}
