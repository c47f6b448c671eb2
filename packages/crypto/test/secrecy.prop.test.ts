import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { format, inspect } from "node:util";
import * as fc from "fast-check";
import { afterAll, expect, test, vi } from "vitest";
import { ed25519Batch } from "../src/batch/ed25519.ts";
import * as batchHybrid from "../src/batch/hybrid.ts";
import * as batchMlDsa from "../src/batch/ml-dsa.ts";
import * as main from "../src/index.ts";
import * as node from "../src/node/index.ts";
import * as portable from "../src/portable/index.ts";
import * as postQuantum from "../src/post-quantum/index.ts";

const folder = mkdtempSync(join(tmpdir(), "void-secrecy-"));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;
const path = (): string => join(folder, `${(count += 1)}`);

function thrownBy(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

/** Returns every form in which a program might print a value. */
function shownOf(value: unknown): string {
  const parts = [
    inspect(value, { showHidden: true, depth: 12, maxArrayLength: null, maxStringLength: null }),
    inspect(value, { getters: true, depth: 12, maxArrayLength: null }),
    format("%o %j %s", value, value, value),
    thrownBy(() => JSON.stringify(value)),
    thrownBy(() => JSON.stringify({ ...(value as object) })),
    thrownBy(() => String(value)),
    thrownBy(() => inspect(structuredClone(value), { depth: 12, maxArrayLength: null })),
  ];
  for (let error = value; error instanceof Error; error = error.cause) {
    parts.push(error.message, error.stack, inspect(Object.getOwnPropertyDescriptors(error), { depth: 12 }));
  }
  const text = parts.map(String).join("\n");
  return text + text.replaceAll(/\s+/g, " "); // the inspector breaks lines of numbers, and pads them
}

/** Returns the forms of six successive bytes in text, which do not appear by chance. */
function needlesOf(secret: Uint8Array): string[] {
  const needles: string[] = [];
  for (let at = 0; at + 6 <= secret.length; at += 6) {
    const part = Buffer.from(secret.subarray(at, at + 6));
    needles.push(
      part.toString("hex"),
      part.toString("hex").toUpperCase(),
      [...part].join(", "),
      [...part].join(","),
      [...part].join(" ")
    );
    for (const encoding of ["base64", "base64url"] as const) {
      // The six bytes may begin anywhere in a group of three, so for each offset take the characters that depend on them alone.
      for (let before = 0; before < 3; before += 1) {
        needles.push(
          Buffer.concat([Buffer.alloc(before), part])
            .toString(encoding)
            .slice(before + 1, before + 7)
        );
      }
    }
    needles.push(part.toString("latin1"));
  }
  return needles;
}

const secrets = fc.uint8Array({ minLength: 64, maxLength: 64 }).filter((bytes) => new Set(bytes).size > 40);
const ALGORITHMS = ["ed25519", "hmac-sha256", "x-wing", "shared-secret", "ml-dsa-65", "ml-dsa-65+ed25519"] as const;
const SLOW: readonly string[] = ["ml-dsa-65", "ml-dsa-65+ed25519"];

/** Keys of every kind, whole, borrowed and destroyed, and the errors that they throw. */
function* keysOf(seed: Uint8Array): Generator<unknown> {
  for (const algorithm of ALGORITHMS) {
    const bytes = seed.subarray(0, algorithm === "ml-dsa-65+ed25519" ? 64 : 32);
    yield thrownBy(() => main.importKey(algorithm, seed.subarray(0, 31)));
    const stuck: main.Random = { bytes: () => bytes.slice() };
    yield main.generateKey(algorithm, { random: stuck });
    yield stuck;
    yield thrownBy(() => main.generateKey(algorithm, { random: stuck }));
    yield thrownBy(() => main.generateKey(algorithm, { random: { bytes: () => bytes.slice(1) } }));
    yield thrownBy(() => main.generateKey(algorithm, { random: bytes as unknown as main.Random }));
    const key = main.importKey(algorithm, bytes);
    yield key;
    yield { nested: [key], map: new Map([["key", key]]) };
    yield thrownBy(() => key.use(() => key.destroy()));
    yield thrownBy(() =>
      key.use(() => {
        throw new Error("a borrower's own");
      })
    );
    const file = path();
    node.writeKeyFile(file, key);
    yield* filesOf(file, algorithm);
    key.destroy();
    yield thrownBy(() => key.use(() => 1));
    yield thrownBy(() => node.writeKeyFile(path(), key));
  }
}

/** Key files that exist already, are open to others, are damaged, or are of another kind. */
function* filesOf(file: string, algorithm: main.KeyAlgorithm): Generator<unknown> {
  const content = readFileSync(file, "latin1");
  yield node.readKeyFile(file, algorithm);
  yield thrownBy(() => node.writeKeyFile(file, main.generateKey("hmac-sha256")));
  yield thrownBy(() => node.readKeyFile(file, algorithm === "ed25519" ? "hmac-sha256" : "ed25519"));
  yield thrownBy(() => node.readKeyFile(file, algorithm === "x-wing" ? "hmac-sha256" : "x-wing"));
  for (const damaged of [
    content.slice(0, -2),
    `${content}x`,
    content.replace("-1 ", "-2 "),
    content.replace("PRIVATE", "PUBLIC"),
  ]) {
    const other = path();
    writeFileSync(other, damaged, { mode: 0o600 });
    yield thrownBy(() => node.readKeyFile(other, algorithm));
  }
  chmodSync(file, 0o644);
  yield thrownBy(() => node.readKeyFile(file, algorithm));
}

function* signersOf(seed: Uint8Array): Generator<unknown> {
  for (const { ed25519 } of [main, node, portable]) {
    const key = main.importKey("ed25519", seed.subarray(0, 32));
    const signer = ed25519.signer(key);
    yield signer;
    yield signer.sign(seed.subarray(40)); // a message: the signature shows nothing of it
    key.destroy();
    yield thrownBy(() => signer.sign(new Uint8Array()));
    yield thrownBy(() => ed25519.loadPublicKey(seed.subarray(0, 32))); // a secret where a public key belongs
    yield thrownBy(() => ed25519.loadPublicKey(seed));
  }
  const macKey = main.importKey("hmac-sha256", seed.subarray(0, 32));
  const tagger = new main.Mac(macKey);
  yield tagger;
  yield tagger.tag(new Uint8Array());
  macKey.destroy();
  yield thrownBy(() => tagger.tag(new Uint8Array()));
}

/** The schemes that take milliseconds, so are not in every run. */
function* postQuantumOf(seed: Uint8Array): Generator<unknown> {
  const one = main.importKey("ml-dsa-65", seed.subarray(0, 32));
  const two = main.importKey("ml-dsa-65+ed25519", seed);
  const signers = [postQuantum.mlDsa65.signer(one), postQuantum.hybridSignature.signer(two)];
  for (const signer of signers) yield [signer.keyId, signer.sign, inspect(signer, { depth: 0 })];
  one.destroy();
  two.destroy();
  for (const signer of signers) yield thrownBy(() => signer.sign(new Uint8Array()));
  for (const scheme of [postQuantum.mlDsa65, postQuantum.hybridSignature]) yield thrownBy(() => scheme.loadPublicKey(seed));
  const mine = main.importKey("x-wing", seed.subarray(0, 32));
  const publicKey = postQuantum.xWing.publicKeyOf(mine);
  yield postQuantum.xWing.encapsulate(publicKey, { random: { bytes: () => seed.slice() } }).secret;
  yield postQuantum.xWing.decapsulate(mine, postQuantum.xWing.encapsulate(publicKey, { random: { bytes: () => seed.slice() } }).ciphertext);
  yield thrownBy(() => postQuantum.xWing.encapsulate(publicKey, { random: { bytes: () => seed.slice(1) } }));
  yield thrownBy(() => postQuantum.xWing.encapsulate(new Uint8Array(1_216).fill(255), { random: { bytes: () => seed.slice() } }));
  yield thrownBy(() => postQuantum.xWing.decapsulate(mine, seed));
  yield thrownBy(() => postQuantum.xWing.decapsulate(mine, new Uint8Array(1_120)));
  mine.destroy();
  yield thrownBy(() => postQuantum.xWing.publicKeyOf(mine));
  const shared = main.importKey("shared-secret", seed.subarray(0, 32));
  yield postQuantum.deriveKey(shared, new Uint8Array());
  shared.destroy();
  yield thrownBy(() => postQuantum.deriveKey(shared, new Uint8Array()));
}

function* ringsOf(seed: Uint8Array): Generator<unknown> {
  const ring = main.createKeyRing(main.ed25519, main.importKey("ed25519", seed.subarray(0, 32)), {
    fromMs: 1,
    overlapMs: 1,
  });
  yield ring;
  yield ring.keys;
  yield ring.sign(new Uint8Array(), 1);
  yield thrownBy(() => ring.rotate(main.importKey("ed25519", seed.subarray(0, 32)), { fromMs: 5, overlapMs: 1 }));
  yield thrownBy(() => ring.rotate(main.importKey("ed25519", seed.subarray(0, 32)), { fromMs: 0, overlapMs: 1 }));
  const file = path();
  node.writeKeyRing(file, ring);
  const content = readFileSync(file, "latin1");
  const again = node.readKeyRing(file, main.ed25519);
  yield again;
  again.rotate(main.generateKey("ed25519"), { fromMs: 5, overlapMs: 1 });
  node.writeKeyRing(file, again);
  yield thrownBy(() => node.writeKeyRing(file, ring)); // changed meanwhile
  rmSync(file);
  node.writeKeyRing(path(), ring);
  yield thrownBy(() => node.writeKeyRing(file, ring)); // gone
  writeFileSync(file, content, { mode: 0o600 });
  yield thrownBy(() => node.readKeyRing(file, postQuantum.hybridSignature));
  for (const damaged of [
    content.trimEnd(),
    content.replace("secret", "secrets"),
    content.replace("ring-2", "ring-3"),
    content.replace(" 1 0 ", " 0 1 "),
  ]) {
    const other = path();
    writeFileSync(other, damaged, { mode: 0o600 });
    yield thrownBy(() => node.readKeyRing(other, main.ed25519));
  }
  chmodSync(file, 0o640);
  yield thrownBy(() => node.readKeyRing(file, main.ed25519));
  yield thrownBy(() => node.writeKeyRing(file, ring));
  ring.destroy();
  yield thrownBy(() => node.writeKeyRing(path(), ring));
  yield thrownBy(() => ring.sign(new Uint8Array(), 1));
}

/** A chain whose last secret is known to the test, and all its errors. */
function* chainsOf(open: Uint8Array): Generator<unknown> {
  const held = main.openChain(open);
  yield held;
  yield held.attenuate(new Uint8Array(2));
  yield thrownBy(() => held.attenuate(new Uint8Array(9_000)));
  yield thrownBy(() => main.openChain(open.with(7, open[7]! ^ 1)));
  yield thrownBy(() => main.openChain(open.with(4, 2)));
  yield thrownBy(() => main.openChain(open.subarray(1)));
  yield thrownBy(() => main.openChain(Uint8Array.from([...open, 0])));
  yield thrownBy(() => main.openChain(open.with(open.length - 1, open.at(-1)! ^ 1)));
  yield main.verifyChain(open, []);
  yield main.verifyChain(open.with(4, 2), []);
  held.destroy();
  for (const use of [() => held.seal(), () => held.handOver(), () => held.attenuate(new Uint8Array())])
    yield thrownBy(use);
}

function expectHidden(values: Iterable<unknown>, secret: Uint8Array): void {
  const needles = needlesOf(secret);
  for (const value of values) {
    const shown = shownOf(value);
    for (const needle of needles) expect(shown.includes(needle), `${needle} in ${shown.slice(0, 200)}`).toBe(false);
  }
}

test("no secret reaches an error, an inspector, JSON or a string, and nothing is logged", () => {
  const written = [vi.spyOn(process.stdout, "write"), vi.spyOn(process.stderr, "write")];
  const console_ = (["log", "info", "warn", "error", "debug", "trace"] as const).map((name) => vi.spyOn(console, name));
  const warned = vi.spyOn(process, "emitWarning");
  let calls = 0;
  try {
    fc.assert(
      fc.property(secrets, (seed) => {
        expectHidden(keysOf(seed), seed);
        expectHidden(signersOf(seed), seed.subarray(0, 32));
        expectHidden(ringsOf(seed), seed.subarray(0, 32));
        const open = main.mintChain(main.ed25519.signer(main.generateKey("ed25519")), new Uint8Array(3)).handOver();
        expectHidden(chainsOf(open), open.subarray(-32));
      }),
      { numRuns: 3, endOnFailure: true }
    );
    fc.assert(
      fc.property(secrets, (seed) => expectHidden(postQuantumOf(seed), seed)),
      { numRuns: 1, endOnFailure: true }
    );
  } finally {
    calls = [...written, ...console_, warned].reduce((sum, spy) => sum + spy.mock.calls.length, 0);
    vi.restoreAllMocks();
  }
  expect(calls).toBe(0);
});

test("the search finds a secret in every printed form", () => {
  const secret = Uint8Array.from({ length: 32 }, (_, index) => (index * 37 + 11) % 256);
  const leaks: unknown[] = [
    secret,
    { deep: { er: [secret] } },
    Buffer.from(secret).toString("hex"),
    new Error(Buffer.from(secret).toString("base64")),
    new Error("x", { cause: new Error(`y${Buffer.from(secret).toString("base64url")}`) }),
    Object.assign(new Error("x"), { key: secret }),
    `=${Buffer.concat([Buffer.from("p"), secret]).toString("base64")}`,
  ];
  for (const leak of leaks) expect(() => expectHidden([leak], secret)).toThrow(/ in /);
});

test("every export that may hold a secret is searched (add a new one to the search)", () => {
  const entries = [main, node, portable, postQuantum, batchMlDsa, batchHybrid, { ed25519Batch }];
  const classes = new Set(
    entries
      .flatMap((entry) => Object.entries(entry))
      .filter(([, value]) => isClass(value))
      .map(([name]) => name)
  );
  const withoutSecrets = [...classes].filter((name) => !name.endsWith("Error"));
  expect(withoutSecrets.toSorted()).toEqual(["KeyRing", "Mac"]);
  expect(ALGORITHMS.filter((name) => !SLOW.includes(name)).length).toBe(4);
});

function isClass(value: unknown): boolean {
  return typeof value === "function" && /^class\b/.test(Function.prototype.toString.call(value));
}
