/** Programs of a user of the package that use a linear value wrongly. */
export const WRONG_OF_USERS: Readonly<Record<string, string>> = {
  "catch arm consumes too":
    `export function f(r: R) { try { release(r); work(); } catch { r.consume(); } }`,
  "finally plus early return":
    `export function f(r: R) { try { if (c) return r.consume(); work(); } finally { r.consume(); } return undefined; }`,
  "labelled continue":
    `export function f(rs: number[]) { outer: for (const i of rs) { const r = acquire(); for (const j of rs) { if (i === j) continue outer; } r.consume(); } }`,
  "destructured { a } of linear fields":
    `export function f(o: { a: R; b: R }) { const { a, b } = o; a.consume(); look(b); }`,
  "destructured { a } field forgotten":
    `declare function pair(): { a: R; b: R }; export function f() { const { a } = pair(); a.consume(); }`,
  "conditional l?.consume() twice":
    `export function f(r?: R) { r?.consume(); work(); if (r) r.consume(); }`,
  "conditional: c && l?.consume()":
    `export function f(r?: R) { if (c) r?.consume(); }`,
  "re-assignment in loop":
    `export function f() { let r = acquire(); while (c) { r = acquire(); } r.consume(); }`,
  "generator yield between borrow and consume (consume in loop)":
    `export function* f(r: R) { for (;;) { const k = yield look(r); if (k) r.consume(); } }`,
  "generator: yield may never resume":
    `export function* f() { const r = acquire(); yield look(r); r.consume(); }`,
  "await before consume, early return after await":
    `export async function f(r: R) { const ok = await workAsync().then(() => true); if (!ok) return 0; return r.consume().query("x"); }`,
  "passing to ...rest of unknown":
    `function all(...xs: unknown[]) { return xs.length; } export function f() { const r = acquire(); all(1, r); }`,
  "rest of R consumed twice":
    `function all(...xs: R[]) { xs.forEach((x) => x.consume()); } export function f(r: R) { all(r, r); }`,
  "express handler: early 400 return leaks":
    `app.get("/", async (req, res) => { const conn = await acquireAsync(); if (req.body === "") { res.status(400).send("no"); return; } res.send(conn.use((k) => k.query("x"))); conn.consume(); });`,
  "express handler: error path swallowed leaks":
    `app.get("/", async (_req, res) => { const conn = await acquireAsync(); try { await workAsync(); conn.consume(); res.send(1); } catch (e) { res.status(500).send(e); } });`,
  "express handler: released in req.on close as well":
    `app.get("/", async (req, res) => { const conn = await acquireAsync(); req.on("close", () => { release(conn); }); res.send(1); conn.consume(); });`,
  "class field set and never released (public class, private field)":
    `export class Pool { private conn?: R; async start() { this.conn = await acquireAsync(); } ok() { return this.conn !== undefined; } }`,
  "class field: static":
    `export class Pool { static #c = acquire(); static ok() { return Pool.#c.isConsumed; } }`,
  "async iterator: break leaks":
    `export async function f() { for await (const x of stream()) { const r = acquire(); if (x > 3) break; r.consume(); } }`,
  "async generator: for await over own resources, dropped":
    `async function* src() { yield acquire(); } export async function f() { for await (const r of src()) look(r); }`,
  "Promise.all: both consume":
    `export async function f(r: R) { await Promise.all([releaseAsync(r), releaseAsync(r)]); }`,
  "Promise.all with closures consuming same":
    `export async function f(r: R) { await Promise.all([1, 2].map(async () => { await workAsync(); r.consume(); })); }`,
  "Promise.race result dropped":
    `export async function f() { await Promise.race([acquireAsync(), workAsync()]); }`,
  "array of resources: only first released":
    `export function f() { const rs = [acquire(), acquire()]; rs[0]!.consume(); }`,
  "array of resources: find borrowed and forgotten":
    `export function f() { const rs = Array.from({ length: n }, acquire); const x = rs.find((r) => look(r) > 1); return x === undefined; }`,
  "callback node style: consumed in cb and after":
    `declare function later(cb: (e?: Error) => void): void; export function f(r: R) { later((e) => { if (e) throw e; r.consume(); }); r.consume(); }`,
  "generic wrapper drops":
    `export function f<T extends R>(r: T, g: <U>(x: U) => void) { g(r.name); }`,
  "default parameter never consumed":
    `export function f(r: R = acquire()) { return look(r); }`,
  "default parameter in destructuring":
    `export function f({ r = acquire() }: { r?: R } = {}) { return r.name; }`,
  "switch(true) misses the default":
    `export function f(r: R) { switch (true) { case n > 3: r.consume(); break; case n > 1: release(r); break; } }`,
  "ternary one side":
    `export const f = (r: R) => (n > 3 ? r.consume() : undefined);`,
  "nullish: r ?? other drops other":
    `export function f(r: R | undefined) { const other = acquire(); const x = r ?? other; x.consume(); }`,
  "optional chaining on object with linear field":
    `export function f(o?: { r: R }) { const r = o?.r; return r?.name; }`,
  "spread object then both used":
    `export function f(r: R) { const o = { r }; const p = { ...o }; o.r.consume(); p.r.consume(); }`,
  "logical assignment":
    `export function f() { let r: R | undefined; r ??= acquire(); work(); }`,
  "Object.assign target dropped":
    `export function f(r: R) { const o = {}; Object.assign(o, { r }); }`,
  "template / JSON.stringify only":
    `export function f() { const r = acquire(); return JSON.stringify(r); }`,
  "consume in both try and finally of async":
    `export async function f(r: R) { try { await releaseAsync(r); } finally { if (!r.isConsumed) work(); r.consume(); } }`,
  "retry loop: consume in try, retry on failure":
    `export async function f(r: R) { for (let i = 0; i < 3; i++) { try { await releaseAsync(r); return; } catch { await workAsync(); } } }`,
  "protocol: old handle used again":
    `import type { Protocol } from "../../../src/index.ts"; interface S<T extends "open" | "closed"> extends Protocol<T> { readonly r: R } declare function close(s: S<"open">): S<"closed">; declare function openS(): S<"open">; export function f() { const s = openS(); close(s); return close(s); }`,
  "protocol: new state dropped":
    `import type { Protocol } from "../../../src/index.ts"; interface S<T extends "open" | "closed"> extends Protocol<T> { readonly r: R } declare function close(s: S<"open">): S<"closed">; declare function openS(): S<"open">; export function f() { close(openS()); }`,
  "map result dropped":
    `export function f(r: R) { const s = r.map((k) => k.query("x")); return 1; }`,
  "split: one part dropped":
    `export function f(r: LinearResource<[number, number]>) { const [a] = r.split((p) => p); return a.consume(); }`,
  "setInterval consume":
    `export function f(r: R) { setInterval(() => { r.consume(); }, 1); } declare function setInterval(f: () => void, ms: number): number;`,
  "events emitter on (twice)":
    `export function f(e: { on(n: string, f: (x: number) => void): void }, r: R) { e.on("data", () => { release(r); }); }`,
  "type alias to Omit loses? returned narrowed value dropped":
    `export function f() { const r: Pick<R, "name"> = acquire(); return r.name; }`,
  "as unknown cast launders":
    `export function f() { const r = acquire() as unknown; return r !== undefined; }`,
  "any launders":
    `export function f() { const r: any = acquire(); return r.name; }`,
  "satisfies + dropped":
    `export function f() { const r = acquire() satisfies R; return r.name; }`,
  "throw in finally path ok, but early continue leaks in for-in":
    `export function f(o: Record<string, number>) { for (const k in o) { const r = acquire(); if (o[k] === 0) continue; r.consume(); } }`,
  "bind as callback":
    `export function f(r: R) { const go = r.consume.bind(r); work(); void go; }`,
  "WeakMap store only":
    `const m = new WeakMap<object, R>(); export function f(k: object) { m.set(k, acquire()); }`,
  "Map overwritten value":
    `const m = new Map<string, R>(); export function f(k: string) { m.set(k, acquire()); } export function g(k: string) { m.get(k)?.consume(); m.get(k)?.consume(); }`,
  "do-while consume":
    `export function f(r: R) { let i = 0; do { r.use((k) => k.query("a")); r.consume(); i++; } while (i < n); }`,
  "void async iife drop":
    `export function f(r: R) { void (async () => { await workAsync(); if (c) r.consume(); })(); }`,
  "getter makes a new resource, discarded":
    `class K { get conn() { return acquire(); } } export function f(k: K) { return k.conn.name; }`,
};
