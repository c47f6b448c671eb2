/**
 * `void keygen`: the keys of a node, or the key of capabilities.
 */
import { join } from "node:path";
import type { Command } from "commander";
import { generateKey } from "@void-system/crypto";
import { writeKeyFile } from "@void-system/crypto/node";
import { peerId } from "@void-system/effects";
import { fromPromise } from "@void-system/effects/world";
import { keyOf } from "../provision.ts";
import { UsageError } from "../../errors.ts";
import { command } from "../command.ts";
import { Console, type OutputOptions } from "../console.ts";

interface KeygenOptions extends OutputOptions {
  readonly id?: string;
  readonly out: string;
  readonly root?: string;
}

/** `void keygen --id NAME [--out FOLDER]`, `void keygen --root FILE`. */
export function keygenCommand(): Command {
  return command<KeygenOptions>("keygen", "make a node's key and certificate, or the key of capabilities", function* keygen(_, options) {
    if (options.root !== undefined) {
      writeKeyFile(options.root, generateKey("hmac-sha256"));
      yield* Console.print({ rootKeyFile: options.root }, [`wrote ${options.root} (0600); every replica needs the same one`]);
      return;
    }
    if (options.id === undefined) throw new UsageError("expected --id NAME for a node's keys, or --root FILE for the key of capabilities");
    const { out } = options;
    const id = nameOf(options.id);
    const publicKey = yield* fromPromise(() => keyOf(out, id));
    const files = { keyFile: join(out, "node.key"), certificateFile: join(out, "node.cert.pem") };
    yield* Console.print({ id, publicKey, ...files }, [
      `${files.keyFile} (0600) and ${files.certificateFile}`,
      `public key for the others' peers: ${publicKey}`,
    ]);
  })
    .option("--id <name>", "the node's name")
    .option("--out <folder>", "where its key and certificate go; what is there is kept", ".")
    .option("--root <file>", "make the key of capabilities instead");
}

/** @throws {@link UsageError} before anything is written. */
function nameOf(id: string): string {
  try {
    return peerId(id);
  } catch (cause) {
    throw new UsageError(`--id: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}
