/** Programs of a user of the package that use each linear value once: nothing may be reported. */
export const RIGHT_OF_USERS: Readonly<Record<string, string>> = {
  "exhaustive switch never default":
    `export function f(r: R, s: State) { switch (s) { case "idle": return r.consume(); case "busy": return release(r); case "done": return void r.consume(); default: { const x: never = s; throw new Error(String(x)); } } }`,
  "asserts helper":
    `function assertLive(r: R): asserts r is R { if (r.isConsumed) throw new Error("gone"); } export function f(r: R) { assertLive(r); r.consume(); }`,
  "consume inside using scope":
    `export function f() { using k = new LinearContext({ name: "x" }); const r = new LinearResource(1, { context: k }); return r.use((x) => x) + r.consume(); }`,
  "using r itself":
    `export function f() { using r = new LinearResource(1, { dispose: () => { work(); } }); return r.use((x) => x); }`,
  "throw-only branch":
    `export function f(r: R) { if (n < 0) { work(); throw new RangeError("n"); } return r.consume(); }`,
  "express handler: try/finally":
    `app.get("/", async (_req, res) => { const conn = await acquireAsync(); try { res.send(await conn.use(async (k) => k.query("x"))); } catch (e) { res.status(500).send(e); } finally { release(conn); } });`,
  "express handler: 400 before acquire":
    `app.get("/", async (req, res) => { if (req.body === "") { res.status(400).send("no"); return; } const conn = await acquireAsync(); try { res.send(look(conn)); } finally { await releaseAsync(conn); } });`,
  "withConn helper (borrow callback)":
    `/** @borrows body */ async function withConn<T>(body: (r: R) => Promise<T>): Promise<T> { const r = await acquireAsync(); try { return await body(r); } finally { r.consume(); } } export const g = () => withConn(async (r) => r.use((k) => k.query("x")));`,
  "withConn helper: the callback type says @borrows":
    `type Body<T> = /** @borrows r */ (r: R) => Promise<T>; async function withConn<T>(body: Body<T>): Promise<T> { const r = await acquireAsync(); try { return await body(r); } finally { r.consume(); } } export const g = () => withConn(async (r) => r.use((k) => k.query("x")));`,
  "class field with close":
    `export class Pool { #conn: R | undefined; async start() { this.#conn ??= await acquireAsync(); } stop() { const r = this.#conn; this.#conn = undefined; if (r) release(r); } }`,
  "class field dispose":
    `export class Pool implements Disposable { readonly #conn = acquire(); q() { return this.#conn.use((k) => k.query("x")); } [Symbol.dispose]() { this.#conn.consume(); } }`,
  "async iterator, consume each":
    `async function* src() { for (let i = 0; i < n; i++) yield acquire(); } export async function f() { for await (const r of src()) { if (look(r) > 2) { release(r); continue; } r.consume(); } }`,
  "Promise.all of distinct":
    `export async function f() { const [a, b] = await Promise.all([acquireAsync(), acquireAsync()]); try { return look(a) + look(b); } finally { a.consume(); b.consume(); } }`,
  "Promise.all map release":
    `export async function f(rs: readonly R[]) { await Promise.all(rs.map((r) => releaseAsync(r))); }`,
  "Promise.all map async arrow release":
    `export async function f(rs: readonly R[]) { await Promise.all(rs.map(async (r) => { await workAsync(); r.consume(); })); }`,
  "array of resources":
    `export function f() { const rs: R[] = []; for (let i = 0; i < n; i++) rs.push(acquire()); for (const r of rs.reverse()) r.consume(); }`,
  "generic identity":
    `function id<T>(x: T): T { return x; } export function f() { const r = id(acquire()); r.consume(); }`,
  "generic box class":
    `class Box<T> { constructor(readonly value: T) {} } export function f() { return new Box(acquire()); }`,
  "re-export":
    `export { acquire as make, release } from "./scene.ts";`,
  "default parameter consumed":
    `export function f(r: R = acquire()) { return r.consume(); }`,
  "switch(true) with default":
    `export function f(r: R) { switch (true) { case n > 3: r.consume(); break; case n > 1: release(r); break; default: r.consume(); } }`,
  "optional chaining":
    `export function f(r?: R) { r?.use((k) => k.query("x")); r?.consume(); }`,
  "ternary both":
    `export const f = (r: R) => (n > 3 ? r.consume() : release(r));`,
  "nested ternary":
    `export const f = (r: R) => (n > 3 ? r.consume() : n > 1 ? release(r) : r.consume());`,
  "nullish default":
    `export function f(r: R | undefined) { const x = r ?? acquire(); x.consume(); }`,
  "node callback with new Promise":
    `declare function later(cb: (e?: Error) => void): void; export function f(r: R) { return new Promise<void>((ok, no) => { try { r.use((k) => k.query("x")); } finally { r.consume(); } later((e) => { if (e) no(e); else ok(); }); }); }`,
  "retry loop right":
    `export async function f() { for (let i = 0; i < 3; i++) { const r = await acquireAsync(); try { return look(r); } catch { await workAsync(); } finally { r.consume(); } } throw new Error("no"); }`,
  "reducer":
    `export function f(rs: R[]) { return rs.reduce((sum, r) => sum + r.consume().query("x"), 0); }`,
  "protocol chain":
    `import type { Protocol } from "../../../src/index.ts"; interface S<T extends "open" | "closed"> extends Protocol<T> { readonly r: R } declare function close(s: S<"open">): S<"closed">; declare function openS(): S<"open">; declare function drop(s: S<"closed">): void; export function f() { const s = close(openS()); drop(s); }`,
  "flag protocol of hand-off":
    `export async function f(q: R[]) { const r = await acquireAsync(); let handed = false; try { if (c) { q.push(r); handed = true; } } finally { if (!handed) r.consume(); } }`,
  "map.get then set undefined":
    `const m = new Map<string, R>(); export function put(k: string, r: R) { m.get(k)?.consume(); m.set(k, r); } export function end() { for (const [k, r] of m) { m.delete(k); r.consume(); } }`,
  "queue consumer":
    `const q: R[] = []; export const put = (r: R) => { q.push(r); }; export async function pump() { let r: R | undefined; while ((r = q.shift())) await releaseAsync(r); }`,
  "return in closure factory":
    `export function maker() { return () => acquire(); }`,
  "tuple return":
    `export function f(): [R, number] { const r = acquire(); return [r, look(r)]; }`,
  "object method consume by index":
    `export function f(o: Record<string, R>) { for (const k of Object.keys(o)) o[k]?.consume(); }`,
  "Object.values":
    `export function f(o: Record<string, R>) { for (const r of Object.values(o)) r.consume(); }`,
  "Object.entries map":
    `export function f() { const o = { a: acquire(), b: acquire() }; for (const [, r] of Object.entries(o)) r.consume(); }`,
  "while-let with narrowing":
    `declare function next(): R | null; export function f() { for (let r = next(); r !== null; r = next()) r.consume(); }`,
  "boolean exhaustive via if/else if never":
    `export function f(r: R, s: "a" | "b") { if (s === "a") return r.consume(); if (s === "b") return release(r); return s satisfies never; }`,
  "conditional acquire and release":
    `export function f() { const r = c ? acquire() : null; try { work(); } finally { r?.consume(); } }`,
  "array destructuring with rest":
    `export function f(rs: R[]) { const [first, ...rest] = rs; first?.consume(); rest.forEach(release); }`,
  "flatMap + spread push":
    `export function f(groups: R[][]) { const all: R[] = []; for (const g of groups) all.push(...g); all.forEach((r) => r.consume()); }`,
  "async generator yields and consumer consumes":
    `export async function* f() { const r = acquire(); try { yield look(r); } finally { r.consume(); } }`,
  "class generic pool":
    `export class Pool<T> { readonly #free: LinearResource<T>[] = []; put(r: LinearResource<T>) { this.#free.push(r); } take() { return this.#free.pop(); } }`,
  "Result-like union":
    `type Res2 = { ok: true; r: R } | { ok: false; e: Error }; declare function tryOpen(): Res2; export function f() { const x = tryOpen(); if (!x.ok) return x.e; return x.r.consume(); }`,
  "assert via node assert-like":
    `declare function assert(x: unknown): asserts x; export function f(r: R | undefined) { assert(r); r.consume(); }`,
  "Promise.then two handlers":
    `export function f(r: R) { return workAsync().then(() => release(r), (e) => { release(r); throw e; }); }`,
  "Array.fromAsync/for index loop":
    `export function f(rs: R[]) { for (let i = 0; i < rs.length; i++) rs[i]!.consume(); }`,
  "event once handing over":
    `export function f(e: { /** @once */ once(n: string, f: (r: R) => void): void }) { e.once("conn", (r) => { r.consume(); }); }`,
  "Symbol.iterator consumer":
    `export function f(it: Iterable<R>) { for (const r of it) r.consume(); }`,
  "structured: let assigned in try":
    `export function f() { let r: R; try { r = acquire(); } catch (e) { return e; } return r.consume(); }`,
  "let in try, finally optional":
    `export function f() { let r: R | undefined; try { r = acquire(); return look(r); } finally { r?.consume(); } }`,
  "abort signal: throwIfAborted":
    `export async function f(s: { throwIfAborted(): void }, r: R) { try { s.throwIfAborted(); await workAsync(); } finally { r.consume(); } }`,
  "enum switch":
    `enum E { A, B } export function f(r: R, e: E) { switch (e) { case E.A: r.consume(); break; case E.B: release(r); break; } }`,
  "process.exit branch":
    `declare const process: { exit(k: number): never }; export function f(r: R) { if (c) { work(); process.exit(1); } r.consume(); }`,
  "defer: used until the stack ends":
    `export function f() { using stack = new DisposableStack(); const r = acquire(); stack.defer(() => release(r)); return r.use((k) => k.query("x")); }`,
  "defer: nothing else takes it":
    `export function f() { using stack = new DisposableStack(); const r = acquire(); stack.defer(() => release(r)); }`,
  "defer: an async stack with an async callback":
    `export async function f() { await using stack = new AsyncDisposableStack(); const r = await acquireAsync(); stack.defer(async () => { await workAsync(); await releaseAsync(r); }); await workAsync(); return look(r); }`,
  "defer: a statement that consumes":
    `export async function f() { await using stack = new AsyncDisposableStack(); const r = acquire(); stack.defer(() => { look(r); r.consume(); }); }`,
  "defer: inside try":
    `export function f() { const stack = new DisposableStack(); try { const r = acquire(); stack.defer(() => release(r)); work(); return look(r); } catch { return 0; } finally { stack.dispose(); } }`,
  "defer: in a loop":
    `export function f() { using stack = new DisposableStack(); for (let i = 0; i < n; i++) { const r = acquire(); stack.defer(() => release(r)); look(r); } }`,
  "defer: on one branch, consumed on the other":
    `export function f(r: R) { using stack = new DisposableStack(); if (c) stack.defer(() => release(r)); else r.consume(); }`,
  "defer: unless it was consumed before":
    `export function f(r: R) { using stack = new DisposableStack(); stack.defer(() => { if (!r.isConsumed) release(r); }); if (c) return r.consume(); return undefined; }`,
  "defer: borrowed by a later callback":
    `export function f(r: R) { using stack = new DisposableStack(); stack.defer(() => release(r)); stack.defer(() => { look(r); }); }`,
  "defer: in a class that owns the stack":
    `export class K { readonly #stack = new DisposableStack(); add(r: R) { this.#stack.defer(() => release(r)); return look(r); } [Symbol.dispose]() { this.#stack.dispose(); } }`,
  "defer: the package's stack":
    `import { DisposableStack as Stack } from "../../../src/resources/disposable-stack.ts"; export function f(r: R) { using stack = new Stack(); stack.defer(() => { release(r); }); return look(r); }`,
  "defer: the caller gets the stack":
    `export function f() { using stack = new DisposableStack(); const r = acquire(); stack.defer(() => release(r)); return { kept: stack.move(), first: look(r) }; }`,
  "imports with types":
    `import type { Protocol } from "@void-system/linear"; import { LinearLeakError, Range as Bounds, type Infer } from "@void-system/linear"; import plugin from "@void-system/linear/eslint"; import * as all from "@void-system/linear"; import "@void-system/linear/vitest"; export type T = Protocol<"a"> | Infer<typeof Age>; export const Age = Bounds(0, 9); export { LinearLeakError, plugin, all };`,
  "borrow: awaited through a variable":
    `export async function f(r: R) { const p = r.use(async () => workAsync()); work(); await p; r.consume(); }`,
  "borrow: two, awaited together":
    `export async function f(r: R) { const p = r.use(async () => workAsync()); const q = r.use(() => workAsync()); await Promise.all([p, q]); release(r); }`,
  "borrow: consumed when it has ended":
    `export function f(r: R) { return r.use(async () => workAsync()).finally(() => { release(r); }); }`,
  "borrow: consumed by then of a variable":
    `export function f(r: R) { const p = r.use(async () => workAsync()); return p.then(() => r.consume(), () => release(r)); }`,
  "borrow: awaited in a try that returns":
    `export async function f(r: R) { try { return await r.use(async () => workAsync()); } finally { release(r); } }`,
  "borrow: returned to the caller, who releases":
    `/** @borrows r */ export function f(r: R) { return r.use(async () => workAsync()); }`,
  "borrow: of one, in which another is consumed":
    `export async function f(r: R, s: R) { await r.use(async () => { await workAsync(); s.consume(); }); r.consume(); }`,
  "borrow: sync, whose result is kept":
    `export function f(r: R) { const rows = r.use((k) => k.query("x")); r.consume(); return rows; }`,
};
