/** Notes of an issuer in a token, for explaining or revoking it later: a date, and a text. */
import type { ByteReader, ByteWriter } from "@void-system/bytes";
import { MintError } from "../errors.ts";
import { shown } from "../options.ts";

/** Longest memo, in bytes of UTF-8. */
export const MEMO_BYTES_MAX = 256;

/** Notes of an issuer in a token. Signed, and readable by every holder. */
export interface MintingNotes {
  /** Minting date, in milliseconds since 1970, by which tokens can be revoked. */
  readonly mintedAtMs?: number | undefined;
  /** Memo for whoever explains the token later. Every holder can read it. */
  readonly memo?: string | undefined;
}

/** Stands for no date. */
const NO_DATE = 0;

/** @throws {@link MintError} for a date that is no time after 1970, or a memo that is no text or too long. */
export function checkNotes({ mintedAtMs, memo }: MintingNotes): void {
  if (mintedAtMs !== undefined && !(Number.isSafeInteger(mintedAtMs) && mintedAtMs > NO_DATE)) {
    throw new MintError(`expected a minting date in whole milliseconds since 1970, got ${typeof mintedAtMs === "number" ? mintedAtMs : shown(mintedAtMs)}`);
  }
  if (memo === undefined) return;
  if (typeof memo !== "string") throw new MintError(`expected a memo as text, got ${shown(memo)}`);
  const { length } = new TextEncoder().encode(memo);
  if (length > MEMO_BYTES_MAX) throw new MintError(`expected a memo of at most ${MEMO_BYTES_MAX} bytes, got ${length}`);
}

/** Writes checked notes: the date, and the memo behind it. */
export function writeNotes(writer: ByteWriter, { mintedAtMs = NO_DATE, memo = "" }: MintingNotes): ByteWriter {
  return writer.u53(mintedAtMs).text(memo);
}

/** Reads notes. */
export function readNotes(reader: ByteReader): MintingNotes {
  const mintedAtMs = reader.u53();
  const memo = reader.text(MEMO_BYTES_MAX);
  return { mintedAtMs: mintedAtMs === NO_DATE ? undefined : mintedAtMs, memo: memo === "" ? undefined : memo };
}
