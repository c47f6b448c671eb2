/**
 * `void token mint|attenuate|inspect`: capabilities on the command line.
 */
import { join } from "node:path";
import { Command } from "commander";
import { readKeyFile } from "@void-system/crypto/node";
import type { Need } from "@void-system/effects/fibers";
import { Clock } from "@void-system/effects/world";
import { CaveatError, Macaroon, createStandardVerifier } from "@void-system/macaroons";
import { caveatsOf, mintToken } from "../../node/capability.ts";
import { TokenError, UsageError } from "../../errors.ts";
import { DEV_FOLDER, readClusterFile } from "../cluster-file.ts";
import { command } from "../command.ts";
import { Console, type OutputOptions } from "../console.ts";
import { readToken } from "../profile.ts";
import { type LimitOptions, type MintLimits, grantIn, limitsOf, limitsOfNew } from "../token-limits.ts";

type MintOptions = OutputOptions & MintLimits & { readonly dir: string; readonly rootKey?: string };
type HolderOptions = OutputOptions & LimitOptions & { readonly dir: string; readonly tokenFile?: string };

/** `void token …`. */
export function tokenCommand(): Command {
  return new Command("token").description("mint, narrow and look at capability tokens").addCommand(mintCommand()).addCommand(attenuateCommand()).addCommand(inspectCommand());
}

function mintCommand(): Command {
  return limited(
    command<MintOptions>("mint", "a new token; needs the root key", function* mint(_, options) {
      const limits = limitsOfNew(options, yield* Clock.now());
      const key = readKeyFile(options.rootKey ?? join(options.dir, "root.key"), "hmac-sha256");
      yield* show(narrowed(mintToken(key, limits), options.caveat ?? []));
      key.destroy();
    }),
  )
    .option("--all", "permit everything, in place of --resource and --operation")
    .option("--forever", "without an end, in place of --expires")
    .option("--root-key <file>", "the key of capabilities (default: the cluster's)")
    .option("--once", "for a single use inside a program, with --expires; no password");
}

function attenuateCommand(): Command {
  return limited(
    command<HolderOptions>("attenuate", "a narrower copy of a token; needs no key", function* attenuate(_, options) {
      const caveats = [...caveatsOf(limitsOf(options, yield* Clock.now())), ...(options.caveat ?? [])];
      if (caveats.length === 0) throw new UsageError("expected at least one of --resource, --operation, --expires, --caveat");
      yield* show(narrowed(heldToken(options), caveats));
    }),
  ).option("--token-file <file>", "the token to narrow (default: $VOID_TOKEN, then the administrator's)");
}

function inspectCommand(): Command {
  return command<HolderOptions>("inspect", "what a token is limited to; its signature is not shown", function* inspect(_, options) {
    const { identifier, caveats } = decoded(heldToken(options)).toJSON();
    yield* Console.print({ identifier, caveats }, [`identifier  ${identifier}`, grantIn(caveats), ...caveats.map((caveat) => `caveat      ${caveat ?? "(not text)"}`)]);
  })
    .option("--dir <folder>", "folder of the cluster", DEV_FOLDER)
    .option("--token-file <file>", "the token (default: $VOID_TOKEN, then the administrator's)");
}

/** The options that say to what a token is limited. */
function limited(made: Command): Command {
  const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
  return made
    .option("--dir <folder>", "folder of the cluster", DEV_FOLDER)
    .option("--resource <path>", "everything under this path: /kv/ for all keys, /kv/public for those below public/")
    .option("--operation <name>", "read, write or admin; may be repeated", collect)
    .option("--expires <duration>", "how long it lasts: 90s, 15m, 12h, 30d")
    .option("--caveat <text>", "any other caveat, as it stands; may be repeated", collect);
}

function heldToken({ dir, tokenFile }: HolderOptions): string {
  return readToken(tokenFile, () => readClusterFile(dir).adminToken);
}

function decoded(token: string): Macaroon {
  const result = Macaroon.tryDecode(token);
  if (!result.ok) throw new TokenError(result.reason);
  return result.macaroon;
}

/** A token with more caveats, each of a form that nodes understand: any other would make it useless. */
function narrowed(token: string, caveats: readonly string[]): string {
  const verifier = createStandardVerifier();
  let macaroon = decoded(token);
  try {
    for (const caveat of caveats) {
      verifier.check(caveat);
      macaroon = macaroon.addCaveat(caveat);
    }
  } catch (error) {
    throw error instanceof CaveatError ? new UsageError(error.message) : error;
  }
  return macaroon.encode();
}

/** Prints a token, and beside it what it grants: so that standard output is the token alone. */
function* show(token: string): Generator<Need<"void.console">, void> {
  const grants = grantIn(decoded(token).toJSON().caveats);
  yield* Console.tell(`void: ${grants}`);
  yield* Console.print({ token, grants }, [token]);
}
