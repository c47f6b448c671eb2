/** The command of this package: `npx @void-system/macaroons mint|attenuate|inspect|verify|explain`. */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { fromHex } from "@void-system/bytes";
import { type CommandAnswer, attenuateCommand, explainCommand, inspectCommand, mintCommand, verifyCommand } from "./commands/index.ts";
import { MacaroonError, OptionError } from "./errors.ts";
import { decodeBase64 } from "./format/base64.ts";
import type { TokenFormat } from "./format/parse-token.ts";

const EXIT_REFUSED = 1;
const EXIT_USAGE = 2;

const HELP = `Usage: npx @void-system/macaroons COMMAND [options]

  mint       --key FILE [--caveat TEXT]… [--key-id ID] [--location TEXT] [--memo TEXT] [--dated]
  attenuate  [--token FILE] --caveat TEXT…
  inspect    [--token FILE]
  verify     [--token FILE] --key FILE|--issuer FILE [--discharge FILE]… [what is asked]
  explain    as verify, and [--mermaid]

A FILE named - is the standard input, which is also where a token is read without --token. No token and no key is
ever an argument, because other users of the machine can see arguments.

--key FILE         a root key in hexadecimal or base64, of 16 bytes at least: for macaroons
--issuer FILE      the issuer's public key, likewise: for public tokens. Anybody can mint macaroons under a public key,
                   so never give one as --key
--caveat TEXT      a caveat; may be repeated
--any-caveat       take caveats that no standard verifier knows
--format FORMAT    v1, v2 (default) or v2-json, for mint and attenuate
--dated            write the time into the token, so that it can be revoked by its minting date
--json             print JSON

What is asked: --resource PATH, --operation NAME, --user NAME, --audience NAME, --method NAME, --address IP,
--body-sha256 HEX, --time TIME (RFC 3339 or milliseconds since 1970; now, by default)

The file dist/inspect.html of this package shows and narrows tokens in a browser, and connects to nothing.

Exit codes: 0 done or accepted, 1 refused, 2 the command, a file or a token is wrong.
`;

const OPTIONS = {
  key: { type: "string" },
  issuer: { type: "string" },
  "key-id": { type: "string" },
  token: { type: "string" },
  discharge: { type: "string", multiple: true },
  caveat: { type: "string", multiple: true },
  "any-caveat": { type: "boolean" },
  location: { type: "string" },
  memo: { type: "string" },
  dated: { type: "boolean" },
  format: { type: "string" },
  mermaid: { type: "boolean" },
  json: { type: "boolean" },
  help: { type: "boolean" },
  resource: { type: "string" },
  operation: { type: "string" },
  user: { type: "string" },
  audience: { type: "string" },
  method: { type: "string" },
  address: { type: "string" },
  "body-sha256": { type: "string" },
  time: { type: "string" },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>>["values"];

const MINTING = ["key", "key-id", "caveat", "any-caveat", "location", "memo", "dated", "format"];
const ASKING = ["token", "key", "issuer", "discharge", "resource", "operation", "user", "audience", "method", "address", "body-sha256", "time"];

interface CliCommand {
  readonly options: readonly string[];
  readonly run: (values: Values) => CommandAnswer;
}

const COMMANDS: Readonly<Record<string, CliCommand>> = {
  mint: {
    options: MINTING,
    run: ({ key, caveat, location, memo, dated, "key-id": keyId, "any-caveat": anyCaveat, ...values }) => {
      if (key === undefined) throw new OptionError("mint", "--key FILE", "none");
      return mintCommand({ rootKey: keyIn(key), caveats: caveat, keyId, location, memo, mintedAtMs: dated === true ? Date.now() : undefined, anyCaveat, format: formatIn(values) });
    },
  },
  attenuate: {
    options: ["token", "caveat", "any-caveat", "format"],
    run: ({ caveat = [], "any-caveat": anyCaveat, ...values }) => {
      if (caveat.length === 0) throw new OptionError("attenuate", "at least one --caveat TEXT", "none");
      return attenuateCommand({ token: tokenIn(values), caveats: caveat, anyCaveat, format: formatIn(values) });
    },
  },
  inspect: { options: ["token"], run: (values) => inspectCommand({ token: tokenIn(values) }) },
  verify: { options: ASKING, run: (values) => verifyCommand(requestIn(values)) },
  explain: { options: [...ASKING, "mermaid"], run: (values) => explainCommand({ ...requestIn(values), mermaid: values.mermaid }) },
};

/** Runs the command of these arguments, and returns its exit code. */
export function main(given: readonly string[]): number {
  try {
    const { values, positionals } = parseArgs({ args: [...given], allowPositionals: true, options: OPTIONS });
    const [name = "", ...more] = positionals;
    if (values.help === true || name === "help") return printed(HELP, 0);
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (command === undefined || more.length > 0) throw new OptionError("the command line", `one command out of ${Object.keys(COMMANDS).join(", ")}`, positionals.length === 0 ? "none" : "other arguments");
    const other = Object.keys(values).find((option) => option !== "json" && !command.options.includes(option));
    if (other !== undefined) throw new OptionError(name, command.options.map((option) => `--${option}`).join(", "), `--${other}`);
    const { ok, text, value } = command.run(values);
    return printed(`${values.json === true ? JSON.stringify(value, undefined, 2) : text}\n`, ok ? 0 : EXIT_REFUSED);
  } catch (error) {
    if (!(error instanceof MacaroonError) && !isUsage(error)) throw error;
    process.stderr.write(`macaroons: ${error.message}\nTry --help.\n`);
    return EXIT_USAGE;
  }
}

function printed(text: string, exitCode: number): number {
  process.stdout.write(text);
  return exitCode;
}

/** An error of parseArgs, or of a file. */
function isUsage(error: unknown): error is Error {
  return error instanceof Error && "code" in error && typeof error.code === "string" && /^(?:ERR_PARSE_ARGS_|E[A-Z]+$)/u.test(error.code);
}

function readText(file: string): string {
  return readFileSync(file === "-" ? 0 : file, "utf8").trim();
}

function tokenIn({ token = "-" }: Pick<Values, "token">): string {
  return readText(token);
}

function keyIn(file: string): Uint8Array {
  const text = readText(file);
  // Capitals too: else such a key would be read as base64, another key.
  const bytes = /^(?:[0-9a-f]{2})+$/iu.test(text) ? fromHex(text.toLowerCase()) : decodeBase64(text);
  if (bytes === undefined) throw new OptionError("--key", "a file with a key in hexadecimal or base64", "other bytes");
  return bytes;
}

function optionalKey(file: string | undefined): Uint8Array | undefined {
  return file === undefined ? undefined : keyIn(file);
}

function formatIn({ format }: Pick<Values, "format">): TokenFormat | undefined {
  if (format === undefined || format === "v1" || format === "v2" || format === "v2-json") return format;
  throw new OptionError("--format", "v1, v2 or v2-json", JSON.stringify(format));
}

function requestIn(values: Values): Parameters<typeof verifyCommand>[0] {
  const { discharge = [], time, token = "-", key, issuer, resource, operation, user, audience, method, address, "body-sha256": bodySha256 } = values;
  if ([token, key, issuer, ...discharge].filter((file) => file === "-").length > 1) throw new OptionError("the command line", "the standard input once", "twice");
  const context = { timeMs: timeOf(time), resource, operation, user, audience, method, address, bodySha256 };
  const present = Object.fromEntries(Object.entries(context).filter(([, value]) => value !== undefined));
  return { token: tokenIn({ token }), discharges: discharge.map(readText), key: optionalKey(key), issuer: optionalKey(issuer), context: present };
}

function timeOf(time: string | undefined): number {
  if (time === undefined) return Date.now();
  const ms = /^[0-9]+$/u.test(time) ? Number(time) : Date.parse(time);
  if (Number.isNaN(ms)) throw new OptionError("--time", "RFC 3339, or milliseconds since 1970", JSON.stringify(time));
  return ms;
}
