/**
 * A request of a protocol (kind, number, name, body, signature) into bytes and back: beside Node's Buffer by hand, with the
 * same bounds checked, and beside lib0, whose numbers are varints.
 */
import { writeFileSync } from "node:fs";
import { ByteReader, ByteWriter, crc32 } from "@void-system/bytes";
import { crc32 as zlibCrc32 } from "node:zlib";
import { compare, cpuNs, peer, resultRows } from "../../../scripts/measure.mjs";

const { rows, row } = resultRows("npm run bench -w packages/bytes");
const ROUNDS = 7;
const TIMES = 200_000;
const request = { kind: 3, number: 1_700_000_000_123, name: "client-0017", body: new Uint8Array(100).fill(7), signature: new Uint8Array(64).fill(9) };

/** CPU nanoseconds of one call. */
function paced(work) {
  return () => {
    for (let warm = 0; warm < 2_000; warm += 1) work();
    const start = cpuNs();
    for (let time = 0; time < TIMES; time += 1) work();
    return (cpuNs() - start) / TIMES;
  };
}

const write = ({ kind, number, name, body, signature }) =>
  new ByteWriter(196).u8(kind).u53(number).ascii(name).block(body).raw(signature).finish();
const read = (bytes) => {
  const reader = new ByteReader(bytes);
  const found = { kind: reader.u8(), number: reader.u53(), name: reader.ascii(64), body: reader.block(1024), signature: reader.raw(64) };
  reader.end();
  return found;
};

const writeByHand = ({ kind, number, name, body, signature }) => {
  const bytes = Buffer.alloc(1 + 8 + 1 + name.length + 4 + body.length + 64);
  let at = bytes.writeUInt8(kind, 0);
  at = bytes.writeUInt32BE(Math.floor(number / 2 ** 32), at);
  at = bytes.writeUInt32BE(number % 2 ** 32, at);
  at = bytes.writeUInt8(name.length, at);
  at += bytes.write(name, at, "latin1");
  at = bytes.writeUInt32BE(body.length, at);
  bytes.set(body, at);
  bytes.set(signature, at + body.length);
  return bytes;
};
const readByHand = (given) => {
  const bytes = Buffer.from(given.buffer, given.byteOffset, given.length);
  const number = bytes.readUInt32BE(1) * 2 ** 32 + bytes.readUInt32BE(5);
  const nameLength = bytes.readUInt8(9);
  if (nameLength > 64 || 10 + nameLength + 4 > bytes.length) throw new Error("a bad name");
  const name = bytes.toString("latin1", 10, 10 + nameLength);
  const at = 14 + nameLength;
  const bodyLength = bytes.readUInt32BE(at - 4);
  if (bodyLength > 1024 || at + bodyLength + 64 !== bytes.length) throw new Error("a bad body");
  const copy = (from, to) => new Uint8Array(bytes.subarray(from, to));
  return { kind: bytes.readUInt8(0), number, name, body: copy(at, at + bodyLength), signature: copy(at + bodyLength, bytes.length) };
};

const encoded = write(request);
if (Buffer.compare(encoded, writeByHand(request)) !== 0) throw new Error("expected the same bytes from both");

row("write a request of 188 bytes", "CPU-ns", "lower", await compare(ROUNDS, "lower", paced(() => write(request)), paced(() => writeByHand(request))), "Buffer by hand", 0.5);
row("read a request of 188 bytes", "CPU-ns", "lower", await compare(ROUNDS, "lower", paced(() => read(encoded)), paced(() => readByHand(encoded))), "Buffer by hand", 0.5);

const [encoding, decoding] = [await peer(() => import("lib0/encoding")), await peer(() => import("lib0/decoding"))];
if (encoding && decoding) {
  const LIB0 = "0.2.117";
  const writeLib0 = ({ kind, number, name, body, signature }) => {
    const encoder = encoding.createEncoder();
    encoding.writeUint8(encoder, kind);
    encoding.writeVarUint(encoder, number);
    encoding.writeVarString(encoder, name);
    encoding.writeVarUint8Array(encoder, body);
    encoding.writeUint8Array(encoder, signature);
    return encoding.toUint8Array(encoder);
  };
  const lib0Bytes = writeLib0(request);
  const readLib0 = () => {
    const decoder = decoding.createDecoder(lib0Bytes);
    return {
      kind: decoding.readUint8(decoder),
      number: decoding.readVarUint(decoder),
      name: decoding.readVarString(decoder),
      body: new Uint8Array(decoding.readVarUint8Array(decoder)),
      signature: new Uint8Array(decoding.readUint8Array(decoder, 64)),
    };
  };
  row("write a request, beside lib0", "CPU-ns", "lower", await compare(ROUNDS, "lower", paced(() => write(request)), paced(() => writeLib0(request))), "lib0/encoding", 1, LIB0);
  row("read a request, beside lib0", "CPU-ns", "lower", await compare(ROUNDS, "lower", paced(() => read(encoded)), paced(readLib0)), "lib0/decoding", 0.7, LIB0);
} else process.stdout.write("lib0 is not installed: no rows beside it (npm run bench installs it)\n");

const page = new Uint8Array(4096).fill(5);
row("CRC-32 of 4 KiB", "CPU-ns", "lower", await compare(ROUNDS, "lower", paced(() => crc32(page)), paced(() => zlibCrc32(page))), "node:zlib", 0.8);

writeFileSync(new URL("results.json", import.meta.url), `${JSON.stringify(rows, null, 2)}\n`);
