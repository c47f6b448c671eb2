/** Payloads of a public token's blocks: see docs/format.md. Fixed widths and strict counts give each one byte string. */
import { type ByteReader, ByteWriter, decodeAll } from "@void-system/bytes";
import { PUBLIC_KEY_BYTES } from "./limits.ts";
import { type MintingNotes, readNotes, writeNotes } from "../token/minting-notes.ts";

/** Length of the nonce in a token's first block, and in a third party's caveat, in bytes. */
export const NONCE_BYTES = 16;
/** Most caveats of one block. */
export const BLOCK_CAVEATS_MAX = 255;
/** Longest caveat, condition or location, in bytes. */
export const TEXT_BYTES_MAX = 1024;

/** A third party's caveat of a public token: good beside a discharge by this key. */
export interface PublicDemand {
  /** The 32 bytes of the third party's public key. */
  readonly thirdParty: Uint8Array;
  /** Makes the caveat one of a kind, so that its discharge serves no other token. */
  readonly nonce: Uint8Array;
  /** Condition that the third party is to check. Everybody can read it. */
  readonly condition: string;
  /** Hint where the third party is. Signed, but by whoever added the caveat. */
  readonly location: string;
}

/** A block. */
export interface PublicBlock {
  /** Beginning of a token, of a discharge, or a further block of either. */
  readonly head: TokenHead | DischargeHead | undefined;
  /** Texts, and third parties' caveats. */
  readonly caveats: readonly (string | PublicDemand)[];
}

/** Beginning of a token. */
export interface TokenHead extends MintingNotes {
  readonly kind: "token";
  /** Nonce, from which the token's name is derived. */
  readonly nonce: Uint8Array;
}

/** Beginning of a discharge: the caveat that it serves. */
export interface DischargeHead {
  readonly kind: "discharge";
  /** Nonce of the caveat that it discharges. */
  readonly nonce: Uint8Array;
  /** Condition that was checked. */
  readonly condition: string;
}

const VERSION = 1;
const HEAD = { none: 0, token: 1, discharge: 2 } as const;
const FIRST_PARTY = 1;
const THIRD_PARTY = 2;

/** Returns the one payload of a block. Its texts were checked to be no longer than {@link TEXT_BYTES_MAX}. */
export function encodeBlock({ head, caveats }: PublicBlock): Uint8Array {
  const writer = new ByteWriter().u8(VERSION);
  if (head === undefined) writer.u8(HEAD.none);
  else if (head.kind === "token") writeNotes(writer.u8(HEAD.token).raw(head.nonce), head);
  else writer.u8(HEAD.discharge).raw(head.nonce).text(head.condition);
  writer.u8(caveats.length);
  for (const caveat of caveats) {
    if (typeof caveat === "string") writer.u8(FIRST_PARTY).text(caveat);
    else writer.u8(THIRD_PARTY).raw(caveat.thirdParty).raw(caveat.nonce).text(caveat.condition).text(caveat.location);
  }
  return writer.finish();
}

/** Returns the block of a payload, or `undefined` for any other bytes. */
export function decodeBlock(payload: Uint8Array): PublicBlock | undefined {
  const decoded = decodeAll(payload, (reader) => {
    if (reader.u8() !== VERSION) reader.fail(`version ${VERSION}`, "another", 0);
    const head = readHead(reader);
    return { head, caveats: Array.from({ length: reader.u8() }, () => readCaveat(reader)) };
  });
  return decoded.ok ? decoded.value : undefined;
}

function readHead(reader: ByteReader): PublicBlock["head"] {
  const kind = reader.u8();
  if (kind === HEAD.none) return undefined;
  if (kind === HEAD.token) return { kind: "token", nonce: reader.raw(NONCE_BYTES), ...readNotes(reader) };
  if (kind !== HEAD.discharge) return reader.fail("a known kind of block", `${kind}`);
  return { kind: "discharge", nonce: reader.raw(NONCE_BYTES), condition: reader.text(TEXT_BYTES_MAX) };
}

function readCaveat(reader: ByteReader): string | PublicDemand {
  const kind = reader.u8();
  if (kind === FIRST_PARTY) return reader.text(TEXT_BYTES_MAX);
  if (kind !== THIRD_PARTY) return reader.fail("a known kind of caveat", `${kind}`);
  return { thirdParty: reader.raw(PUBLIC_KEY_BYTES), nonce: reader.raw(NONCE_BYTES), condition: reader.text(TEXT_BYTES_MAX), location: reader.text(TEXT_BYTES_MAX) };
}
