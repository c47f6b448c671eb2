/**
 * Version 1 binary form, the one of the first libmacaroons: packets of text, each with its length in front; see
 * docs/format.md.
 */
import { type ByteReader, ByteWriter, type Decoded, MalformedBytesError, decodeAll } from "@void-system/bytes";
import { CAVEATS_MAX, type CaveatParts, FIELD_BYTES_MAX, MACAROON_BYTES_MAX, type MacaroonParts, SEALED_KEY_BYTES } from "./v2-binary.ts";
import { SIGNATURE_BYTES } from "../token/chain.ts";

/** Largest macaroon of version 1 that is read, in bytes: the largest of version 2, with the longer names of its fields. */
export const MACAROON_V1_BYTES_MAX: number = MACAROON_BYTES_MAX * 2;

/** Length of a packet's own length, in hexadecimal digits. */
const LENGTH_DIGITS = 4;
/** Space behind the name, and line feed behind the content. */
const SPACE = 0x20;
const LINE_FEED = 0x0a;

const encoder = /* @__PURE__ */ new TextEncoder();
const decoder = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Returns the byte string of a macaroon in version 1. */
export function encodeV1({ location, identifier, caveats, signature }: MacaroonParts): Uint8Array {
  const writer = new ByteWriter(MACAROON_V1_BYTES_MAX);
  // Other implementations expect the packet, if it is empty too.
  writePacket(writer, "location", encoder.encode(location ?? ""));
  writePacket(writer, "identifier", identifier);
  for (const { id, thirdParty } of caveats) {
    writePacket(writer, "cid", id);
    if (thirdParty === undefined) continue;
    writePacket(writer, "vid", thirdParty.sealedKey);
    writePacket(writer, "cl", encoder.encode(thirdParty.location ?? ""));
  }
  writePacket(writer, "signature", signature);
  return writer.finish();
}

function writePacket(writer: ByteWriter, name: string, content: Uint8Array): void {
  const head = `${name} `;
  const length = LENGTH_DIGITS + head.length + content.length + 1;
  writer.raw(encoder.encode(length.toString(16).padStart(LENGTH_DIGITS, "0") + head));
  writer.raw(content).u8(LINE_FEED);
}

/** Returns the macaroon of a byte string in version 1. An empty location counts as none. */
export function decodeV1(bytes: Uint8Array, lenient = false): Decoded<MacaroonParts> {
  if (bytes.length > MACAROON_V1_BYTES_MAX) return { ok: false, reason: `more than ${MACAROON_V1_BYTES_MAX} bytes` };
  const decoded = decodeAll(bytes, (reader) => new PacketReader(reader, lenient).macaroon());
  return decoded.ok ? decoded : { ok: false, reason: `other bytes: ${decoded.reason}` };
}

interface Packet {
  readonly name: string;
  readonly content: Uint8Array;
  readonly position: number;
}

const NAMES: ReadonlySet<string> = /* @__PURE__ */ new Set(["location", "identifier", "cid", "vid", "cl", "signature"]);

class PacketReader {
  readonly #reader: ByteReader;
  readonly #digits: RegExp;
  readonly #lenient: boolean;
  #next: Packet | undefined;

  constructor(reader: ByteReader, lenient: boolean) {
    this.#reader = reader;
    this.#lenient = lenient;
    this.#digits = lenient ? /^[0-9a-fA-F]{4}$/u : /^[0-9a-f]{4}$/u;
    this.#advance();
  }

  macaroon(): MacaroonParts {
    const location = this.#text(this.#optional("location"));
    const identifier = this.#required("identifier").content;
    if (identifier.length === 0) this.#reader.fail("an identifier", "an empty one");
    const caveats: CaveatParts[] = [];
    for (let id = this.#optional("cid"); id !== undefined; id = this.#optional("cid")) {
      if (caveats.length === CAVEATS_MAX) this.#reader.fail(`at most ${CAVEATS_MAX} caveats`, "more", id.position);
      caveats.push({ id: id.content, thirdParty: this.#thirdParty() });
    }
    const { content: signature, position } = this.#required("signature", false);
    if (signature.length !== SIGNATURE_BYTES) this.#reader.fail(`a signature of ${SIGNATURE_BYTES} bytes`, `${signature.length}`, position);
    if (this.#lenient) this.#reader.restView();
    return { location, identifier, caveats, signature };
  }

  #thirdParty(): CaveatParts["thirdParty"] {
    const sealed = this.#optional("vid");
    if (sealed === undefined) return undefined;
    const { content: sealedKey, position } = sealed;
    if (sealedKey.length !== SEALED_KEY_BYTES) this.#reader.fail(`a vid of ${SEALED_KEY_BYTES} bytes`, `${sealedKey.length}`, position);
    return { location: this.#text(this.#optional("cl")), sealedKey };
  }

  #optional(name: string): Packet | undefined {
    return this.#next?.name === name ? this.#required(name) : undefined;
  }

  #required(name: string, more = true): Packet {
    const packet = this.#next;
    if (packet?.name !== name) return this.#reader.fail(`a packet ${name}`, packet?.name ?? "the end", packet?.position);
    if (more) this.#advance();
    return packet;
  }

  #text(packet: Packet | undefined): string | undefined {
    if (packet === undefined || packet.content.length === 0) return undefined;
    try {
      return decoder.decode(packet.content);
    } catch (cause) {
      throw new MalformedBytesError("a location in UTF-8", "other bytes", packet.position, { cause });
    }
  }

  #advance(): void {
    const reader = this.#reader;
    const { position } = reader;
    const digits = String.fromCharCode(...reader.rawView(LENGTH_DIGITS));
    if (!this.#digits.test(digits)) reader.fail("the length of a packet in four digits", "other bytes", position);
    const packet = reader.rawView(Math.max(0, Number.parseInt(digits, 16) - LENGTH_DIGITS));
    const space = packet.indexOf(SPACE);
    const name = String.fromCharCode(...packet.subarray(0, Math.min(Math.max(space, 0), "identifier".length)));
    if (space < 0 || !NAMES.has(name) || space !== name.length) reader.fail("the name of a packet", "other bytes", position);
    if (packet.at(-1) !== LINE_FEED) reader.fail("a packet that ends with a line feed", "other bytes", position);
    const content = packet.slice(space + 1, -1);
    if (content.length > FIELD_BYTES_MAX) reader.fail(`a packet of at most ${FIELD_BYTES_MAX} bytes`, `${content.length}`, position);
    this.#next = { name, content, position };
  }
}
