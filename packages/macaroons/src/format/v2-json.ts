/** Version 2 JSON form, as go-macaroon and npm's `macaroon` write it; see docs/format.md. */
import type { Decoded } from "@void-system/bytes";
import { SIGNATURE_BYTES } from "../token/chain.ts";
import { decodeBase64 } from "./base64.ts";
import { encodeBase64url } from "./base64url.ts";
import { CAVEATS_MAX, type CaveatParts, FIELD_BYTES_MAX, type MacaroonParts, SEALED_KEY_BYTES } from "./v2-binary.ts";

/** Longest JSON text of a macaroon that is read, in characters. */
export const MACAROON_JSON_CHARACTERS_MAX = 65_536;

const VERSION = 2;
const encoder = /* @__PURE__ */ new TextEncoder();
const decoder = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Returns the JSON text of a macaroon. */
export function encodeV2Json({ location, identifier, caveats, signature }: MacaroonParts): string {
  return JSON.stringify({
    v: VERSION,
    ...(location === undefined ? {} : { l: location }),
    ...field("i", identifier),
    c: caveats.map(({ id, thirdParty }) => ({
      ...field("i", id),
      ...(thirdParty === undefined ? {} : { v64: encodeBase64url(thirdParty.sealedKey) }),
      ...(thirdParty?.location === undefined ? {} : { l: thirdParty.location }),
    })),
    s64: encodeBase64url(signature),
  });
}

/** Text where the bytes are UTF-8, else base64url under the longer name. */
function field(name: string, bytes: Uint8Array): Readonly<Record<string, string>> {
  try {
    return { [name]: decoder.decode(bytes) };
  } catch {
    return { [`${name}64`]: encodeBase64url(bytes) };
  }
}

/** Returns the macaroon of a JSON text. The version may be the number, the same as text, or missing. */
export function decodeV2Json(text: string): Decoded<MacaroonParts> {
  if (text.length > MACAROON_JSON_CHARACTERS_MAX) return { ok: false, reason: `more than ${MACAROON_JSON_CHARACTERS_MAX} characters` };
  try {
    return { ok: true, value: macaroonOf(JSON.parse(text)) };
  } catch (failure) {
    if (failure instanceof JsonError) return { ok: false, reason: failure.message };
    if (failure instanceof SyntaxError) return { ok: false, reason: "a text that is not JSON" };
    throw failure;
  }
}

/** Leaves the reader, and never this file. */
class JsonError extends Error {}

function macaroonOf(value: unknown): MacaroonParts {
  const fields = fieldsOf(value, "a macaroon", ["v", "l", "l64", "i", "i64", "c", "s", "s64"]);
  const version = fields.get("v");
  if (version !== undefined && version !== VERSION && version !== String(VERSION)) throw new JsonError("JSON of another version than 2");
  const list = fields.get("c") ?? [];
  if (!Array.isArray(list)) throw new JsonError("JSON without a list of caveats");
  if (list.length > CAVEATS_MAX) throw new JsonError(`JSON with more than ${CAVEATS_MAX} caveats`);
  const identifier = required(fields, "i");
  if (identifier.length === 0) throw new JsonError("JSON with an empty identifier");
  const signature = required(fields, "s");
  if (signature.length !== SIGNATURE_BYTES) throw new JsonError(`JSON with a signature of other than ${SIGNATURE_BYTES} bytes`);
  return { location: locationOf(fields), identifier, caveats: list.map(caveatOf), signature };
}

function caveatOf(value: unknown): CaveatParts {
  const fields = fieldsOf(value, "a caveat", ["i", "i64", "v", "v64", "l", "l64"]);
  const id = required(fields, "i");
  const sealedKey = optional(fields, "v");
  const location = locationOf(fields);
  if (sealedKey === undefined) {
    if (location !== undefined) throw new JsonError("JSON with a location on a first-party caveat");
    return { id, thirdParty: undefined };
  }
  if (sealedKey.length !== SEALED_KEY_BYTES) throw new JsonError(`JSON with a sealed key of other than ${SEALED_KEY_BYTES} bytes`);
  return { id, thirdParty: { location, sealedKey } };
}

/** A map, so that no name of a field, `__proto__` for one, means anything else. */
function fieldsOf(value: unknown, what: string, names: readonly string[]): ReadonlyMap<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new JsonError(`JSON without ${what}`);
  const fields = new Map<string, unknown>(Object.entries(value));
  for (const name of fields.keys()) if (!names.includes(name)) throw new JsonError("JSON with a field that no macaroon has");
  return fields;
}

function optional(fields: ReadonlyMap<string, unknown>, name: string): Uint8Array | undefined {
  const text = fields.get(name);
  const coded = fields.get(`${name}64`);
  if (text === undefined && coded === undefined) return undefined;
  if (text !== undefined && coded !== undefined) throw new JsonError(`JSON with both ${name} and ${name}64`);
  const bytes = text === undefined ? decodeBase64(coded) : bytesOf(text);
  if (bytes === undefined) throw new JsonError(`JSON with a field ${name} that is no text`);
  if (bytes.length > FIELD_BYTES_MAX) throw new JsonError(`JSON with a field of more than ${FIELD_BYTES_MAX} bytes`);
  return bytes;
}

function required(fields: ReadonlyMap<string, unknown>, name: string): Uint8Array {
  const bytes = optional(fields, name);
  if (bytes === undefined) throw new JsonError(`JSON without a field ${name}`);
  return bytes;
}

function locationOf(fields: ReadonlyMap<string, unknown>): string | undefined {
  const bytes = optional(fields, "l");
  if (bytes === undefined) return undefined;
  try {
    return decoder.decode(bytes);
  } catch {
    throw new JsonError("JSON with a location that is not UTF-8");
  }
}

/** Returns the bytes of a text, or `undefined` for half a character, which UTF-8 cannot write. */
function bytesOf(text: unknown): Uint8Array | undefined {
  if (typeof text !== "string") return undefined;
  const bytes = encoder.encode(text);
  return decoder.decode(bytes) === text ? bytes : undefined;
}
