/**
 * `void token mint|attenuate|inspect`: capabilities on the command line.
 */
import { join } from "node:path";
import { Command } from "commander";
import { readKeyFile } from "@void-system/crypto/node";
import type { Eff, Need } from "@void-system/effects/fibers";
import { Clock } from "@void-system/effects/world";
import { CaveatError, Macaroon, createStandardVerifier } from "@void-system/macaroons";
import { type TokenLimits, caveatsOf, mintToken } from "../../node/capability.ts";
import { TokenError, UsageError } from "../../errors.ts";
import { DEV_FOLDER, readClusterFile } from "../cluster-file.ts";
import { command } from "../command.ts";
import { Console, type OutputOptions } from "../console.ts";
import { readToken } from "../profile.ts";

interface LimitOptions extends OutputOptions {
  readonly resource?: string;
  readonly operation?: readonly string[];
  readonly expires?: string;
  readonly caveat?: readonly string[];
}

type MintOptions = LimitOptions & { readonly dir: string; readonly rootKey?: string; readonly once?: boolean };
type HolderOptions = LimitOptions & { readonly dir: string; readonly tokenFile?: string };

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `void token …`. */
export function tokenCommand(): Command {
  return new Command("token").description("mint, narrow and look at capability tokens").addCommand(mintCommand()).addCommand(attenuateCommand()).addCommand(inspectCommand());
}

function mintCommand(): Command {
  return limited(
    command<MintOptions>("mint", "a new token; needs the root key", function* mint(_, options) {
      if (options.once && options.expires === undefined) {
        throw new UsageError("expected --expires beside --once, got none; a used token is remembered until it ends");
      }
      const key = readKeyFile(options.rootKey ?? join(options.dir, "root.key"), "hmac-sha256");
      const limits = { operations: ["admin"], resource: "/", ...(yield* limitsOf(options)), ...(options.once ? { once: true } : {}) };
      yield* show(narrowed(mintToken(key, limits), options.caveat ?? []));
      key.destroy();
    }),
  )
    .option("--root-key <file>", "the key of capabilities (default: the cluster's)")
    .option("--once", "for a single use inside a program, with --expires; no password");
}

function attenuateCommand(): Command {
  return limited(
    command<HolderOptions>("attenuate", "a narrower copy of a token; needs no key", function* attenuate(_, options) {
      const caveats = [...caveatsOf(yield* limitsOf(options)), ...(options.caveat ?? [])];
      if (caveats.length === 0) throw new UsageError("expected at least one of --resource, --operation, --expires, --caveat");
      yield* show(narrowed(heldToken(options), caveats));
    }),
  ).option("--token-file <file>", "the token to narrow (default: $VOID_TOKEN, then the administrator's)");
}

function inspectCommand(): Command {
  return command<HolderOptions>("inspect", "what a token is limited to; its signature is not shown", function* inspect(_, options) {
    const { identifier, caveats } = decoded(heldToken(options)).toJSON();
    yield* Console.print({ identifier, caveats }, [`identifier  ${identifier}`, ...caveats.map((caveat) => `caveat      ${caveat ?? "(not text)"}`)]);
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

function* limitsOf({ resource, operation, expires }: LimitOptions): Generator<Need<"void.clock">, TokenLimits> {
  if (resource !== undefined && !resource.startsWith("/")) {
    throw new UsageError(`expected --resource to be a path such as /kv/ or /kv/public, got ${resource}; no key lies under that`);
  }
  return {
    ...(resource === undefined ? {} : { resource }),
    ...(operation === undefined ? {} : { operations: operation }),
    ...(expires === undefined ? {} : { expiresAtMs: (yield* Clock.now()) + duration(expires) }),
  };
}

function duration(text: string): number {
  const match = /^(\d{1,6})([smhd])$/.exec(text);
  const unitMs = UNITS_MS[match?.[2] ?? ""];
  if (!match || unitMs === undefined) throw new UsageError(`expected a duration such as 90s, 15m, 12h or 30d, got ${text}`);
  return Number(match[1]) * unitMs;
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

function show(token: string): Eff<Need<"void.console">, void> {
  return Console.print({ token }, [token]);
}
