/**
 * A replica as signer: its index in the configuration and its incarnation, the number of times that it has begun again
 * with an empty disk. Only the first incarnation is taken for now: there is no way back for a lost disk yet.
 */
import type { ByteReader, ByteWriter } from "@void-system/bytes";
import type { Configuration } from "../configuration.ts";

/** The incarnation of every replica. */
export const INCARNATION = 0;

/** Writes a signer. */
export function writeSender(writer: ByteWriter, sender: number): ByteWriter {
  return writer.u8(sender).u32(INCARNATION);
}

/** Reads a signer. */
export function readSender(reader: ByteReader, { replicas }: Pick<Configuration, "replicas">): number {
  const sender = reader.u8();
  if (sender >= replicas.length) reader.fail(`a sender below ${replicas.length}`, `${sender}`);
  readIncarnation(reader);
  return sender;
}

/** Reads the incarnation of a signer that follows from something else, as the primary does from the view. */
export function readIncarnation(reader: ByteReader): void {
  const incarnation = reader.u32();
  if (incarnation !== INCARNATION) reader.fail(`incarnation ${INCARNATION}`, `${incarnation}`);
}
