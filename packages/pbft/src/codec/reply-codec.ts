/** The layouts of replies and hints, and of the results in them and in sessions. */
import type { ByteReader, ByteWriter } from "@void-system/bytes";
import { readCommittedBatch, RESULT_PATH_BYTES_MAX, writeCommittedBatch } from "@void-system/crypto";
import { readPeerId } from "@void-system/effects";
import type { Configuration } from "../configuration.ts";
import { BATCH_REQUESTS_MAX, DIGEST_BYTES, RESULT_BYTES_MAX, SIGNATURE_BYTES } from "../limits.ts";
import { HintReason, ReplyStatus, type Hint, type Reply, type Result } from "./message.ts";
import { readSender, writeSender } from "./sender.ts";

/** A reply carries its signature. The format leaves room for one that its link vouches for. */
const SIGNED = 1;

/** Writes a reply. */
export function writeReply(writer: ByteWriter, { view, client, executed, results, sender, signature }: Reply): void {
  writeCommittedBatch(writer.u53(view).ascii(client), executed).u32(results.length);
  for (const result of results) writeResult(writer, result);
  writeSender(writer, sender).u8(SIGNED).raw(signature);
}

/** Reads what {@link writeReply} wrote. */
export function readReply(reader: ByteReader, cluster: Configuration): Reply {
  const view = reader.u53();
  const client = readPeerId(reader);
  const executed = readCommittedBatch(reader);
  const results: Result[] = [];
  for (let left = reader.count(BATCH_REQUESTS_MAX); left > 0; left -= 1) results.push(readResult(reader));
  const sender = readSender(reader, cluster);
  const signed = reader.u8();
  if (signed !== SIGNED) reader.fail("a reply with its signature", `${signed}`);
  return { type: "reply", view, client, executed, results, sender, signature: reader.raw(SIGNATURE_BYTES) };
}

/** Writes a result. */
export function writeResult(writer: ByteWriter, { number, request, status, result, path }: Result): void {
  writer.u53(number).raw(request).u8(status).block(result).block(path);
}

/** Reads what {@link writeResult} wrote. */
export function readResult(reader: ByteReader): Result {
  const [number, request, code] = [reader.u53(), reader.raw(DIGEST_BYTES), reader.u8()];
  const status = Object.values(ReplyStatus).find((known) => known === code);
  if (status === undefined) return reader.fail("a known status of a result", `${code}`);
  return { number, request, status, result: reader.block(RESULT_BYTES_MAX), path: reader.block(RESULT_PATH_BYTES_MAX) };
}

/** Writes a hint. */
export function writeHint(writer: ByteWriter, { view, client, number, reason, agreedMs, highest }: Hint): void {
  writer.u53(view).ascii(client).u53(number).u8(reason).u53(agreedMs).u53(highest);
}

/** Reads what {@link writeHint} wrote. */
export function readHint(reader: ByteReader): Hint {
  const [view, client, number, code] = [reader.u53(), readPeerId(reader), reader.u53(), reader.u8()];
  const reason = Object.values(HintReason).find((known) => known === code);
  if (reason === undefined) return reader.fail("a known reason of a hint", `${code}`);
  return { type: "hint", view, client, number, reason, agreedMs: reader.u53(), highest: reader.u53() };
}
