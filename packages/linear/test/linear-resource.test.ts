import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { AffineResource, LinearContext, LinearLeakError, LinearOptionError, LinearResource, LinearTypeError, OWNERS_MAX, captureSites } from "../src/index.ts";
import type { Leak } from "../src/index.ts";

let sites = true;
beforeEach(() => {
  sites = captureSites(true);
});
afterEach(() => {
  captureSites(sites);
});

function thrown(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("expected a throw");
}

function misuse(work: () => unknown): LinearTypeError {
  const error = thrown(work);
  expect(error).toBeInstanceOf(LinearTypeError);
  if (!(error instanceof LinearTypeError)) throw error;
  return error;
}

function leak(work: () => unknown): LinearLeakError {
  const error = thrown(work);
  if (!(error instanceof LinearLeakError)) throw error;
  return error;
}

function leaky(context: LinearContext): LinearResource<number> {
  return new LinearResource(1, { name: "r", context });
}

async function leakyAwaitUsing(): Promise<void> {
  await using context = new LinearContext();
  await Promise.resolve();
  leaky(context);
}

describe("a linear resource", () => {
  test("releases its value once, and a second use names the resource and both sites", () => {
    const connection = { open: true };
    const conn = new LinearResource(connection, { name: "db_conn" });
    const takeFirst = (): unknown => conn.consume();
    const takeAgain = (): unknown => conn.consume();
    expect(conn.isConsumed).toBe(false);
    expect(takeFirst()).toBe(connection);
    expect(conn.isConsumed).toBe(true);
    const error = misuse(takeAgain);
    expect(error).toMatchObject({ code: "ERR_LINEAR_TYPE", resource: "db_conn", violation: "used-after-end" });
    expect(error.firstUse).toMatch(/takeFirst .*resource\.test\.ts:\d+:\d+/);
    expect(error.secondUse).toMatch(/takeAgain .*resource\.test\.ts:\d+:\d+/);
    expect(error.message).toContain("db_conn");
    expect(error.message).toContain(error.firstUse);
    expect(error.message).toContain(error.secondUse);
  });

  test("names no sites when capturing is off, and restores the stack limit", () => {
    const limit = Error.stackTraceLimit;
    new LinearResource(1).consume();
    expect(Error.stackTraceLimit).toBe(limit);
    captureSites(false);
    const conn = new LinearResource(1, { name: "db_conn" });
    conn.consume();
    const error = misuse(() => conn.consume());
    expect([error.firstUse, error.secondUse]).toEqual([undefined, undefined]);
    expect(error.message).toContain("captureSites(true)");
  });

  test("holds falsy values and undefined as well as any other", () => {
    for (const value of [undefined, null, 0, "", false]) {
      const resource = new LinearResource(value);
      expect(resource.use((held) => held)).toBe(value);
      expect(resource.consume()).toBe(value);
      misuse(() => resource.consume());
    }
  });

  test("does not show its value in JSON or to an inspector", () => {
    const key = new LinearResource({ secret: "hunter2" }, { name: "key" });
    const texts = [
      JSON.stringify({ key }),
      inspect(key),
      inspect(key, { showHidden: true, customInspect: false, depth: 9 }),
      String(key),
      JSON.stringify(Object.getOwnPropertyDescriptors(key)),
    ];
    for (const text of texts) expect(text).not.toContain("hunter2");
    expect(JSON.stringify(key)).toBe('{"name":"key","kind":"linear","state":"live"}');
    expect(inspect(key)).toBe('linear resource "key" (live)');
    key.use(() => expect(key.toJSON().state).toBe("borrowed"));
    key.consume();
    expect(key.toJSON().state).toBe("consumed");
  });
});

describe("a borrow", () => {
  test("does not consume, and ends when the borrower throws", () => {
    const conn = new LinearResource([1, 2], { name: "c" });
    expect(conn.use((list) => list.length)).toBe(2);
    expect(thrown(() => conn.use(() => { throw new TypeError("mine"); }))).toBeInstanceOf(TypeError);
    expect(conn.consume()).toEqual([1, 2]);
    misuse(() => conn.use(() => 0));
  });

  test("refuses consume and move while in progress, sync and nested", () => {
    const conn = new LinearResource("x", { name: "c" });
    const other = new LinearContext();
    conn.use(() => {
      conn.use(() => expect(misuse(() => conn.consume()).violation).toBe("ended-while-borrowed"));
      expect(misuse(() => conn.move(other)).violation).toBe("ended-while-borrowed");
    });
    expect(conn.consume()).toBe("x");
  });

  test("lasts until its promise settles, fulfilled or rejected", async () => {
    const conn = new LinearResource("x", { name: "c" });
    let finish: ((value: number) => void) | undefined;
    const first = conn.use(() => new Promise<number>((resolve) => { finish = resolve; }));
    const second = conn.use(async () => { throw new TypeError("mine"); });
    await expect(second).rejects.toBeInstanceOf(TypeError);
    misuse(() => conn.consume());
    finish?.(7);
    expect(await first).toBe(7);
    expect(conn.consume()).toBe("x");
  });

  test("has exactly one winner among racing consumers", async () => {
    const conn = new LinearResource("x");
    const race = Array.from({ length: 20 }, async (_, turn) => {
      for (let wait = 0; wait < turn % 3; wait++) await Promise.resolve();
      return conn.consume();
    });
    const results = await Promise.allSettled(race);
    expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
  });
});

describe("a context", () => {
  test("is silent when everything was consumed, in any order", () => {
    const context = new LinearContext({ name: "scope" });
    const many = Array.from({ length: 5 }, (_, n) => new LinearResource(n, { name: `r${n}`, context }));
    for (const n of [2, 0, 4, 1, 3]) expect(many[n]!.consume()).toBe(n);
    context.close();
    expect(context.isClosed).toBe(true);
  });

  test("reports the resources left: name, owners and site of creation, in order of creation", () => {
    const context = new LinearContext({ name: "request" });
    const make = (name: string): LinearResource<number> => new LinearResource(1, { name, context });
    make("first");
    make("second").consume();
    make("third");
    const error = leak(() => context.close());
    expect(error.leaks.map((one) => one.name)).toEqual(["first", "third"]);
    expect(error.leaks[0]).toMatchObject({ kind: "linear", owners: ["request"], borrowed: false });
    expect(error.leaks[0]!.createdAt).toMatch(/make .*resource\.test\.ts/);
    expect(error.message).toMatch(/^expected every resource of request .* 2 left: first/);
    context.close();
  });

  test("ends the resources that it still owned", () => {
    const context = new LinearContext({ name: "request", onLeak: () => {} });
    const linear = new LinearResource(1, { name: "l", context });
    const affine = new AffineResource(1, { name: "a", context });
    context.close();
    for (const resource of [linear, affine]) {
      expect(resource.isConsumed).toBe(true);
      expect(resource.toJSON().state).toBe("closed");
      expect(misuse(() => resource.consume()).message).toContain("closed");
    }
    expect(misuse(() => new LinearResource(1, { name: "late", context })).violation).toBe("context-closed");
  });

  test("reports an affine resource only when a borrow outlives the scope", async () => {
    const seen: Leak[] = [];
    const context = new LinearContext({ name: "s", onLeak: (leaks) => seen.push(...leaks) });
    const left = new AffineResource(1, { name: "left", context });
    const lent = new AffineResource(1, { name: "lent", context });
    const borrow = lent.use(async () => { await Promise.resolve(); });
    context.close();
    expect(seen.map(({ name, kind, borrowed }) => ({ name, kind, borrowed }))).toEqual([
      { name: "lent", kind: "affine", borrowed: true },
    ]);
    await borrow;
    misuse(() => lent.consume());
    misuse(() => left.consume());
  });

  test("moves a resource: the old handle ends, and the owners are recorded", () => {
    const contexts = Array.from({ length: OWNERS_MAX + 3 }, (_, n) => new LinearContext({ name: `c${n}` }));
    let resource = new LinearResource("x", { name: "r", context: contexts[0] });
    for (const next of contexts.slice(1)) {
      const old = resource;
      resource = old.move(next);
      expect(old.toJSON().state).toBe("moved");
      misuse(() => old.use(() => 0));
    }
    for (const context of contexts.slice(0, -1)) context.close();
    const last = contexts.at(-1)!;
    expect(leak(() => last.close()).leaks[0]!.owners).toEqual(contexts.slice(-OWNERS_MAX).map(({ name }) => name));
  });

  test("moves nothing into a closed context", () => {
    const closed = new LinearContext();
    closed.close();
    const resource = new AffineResource("x", { name: "r" });
    expect(misuse(() => resource.move(closed)).violation).toBe("context-closed");
    expect(resource.consume()).toBe("x");
  });

  test("keeps an affine resource affine when it moves", () => {
    const context = new LinearContext();
    expect(new AffineResource(1).move(context)).toBeInstanceOf(AffineResource);
    context.close();
  });
});

describe("the forms of a scope", () => {
  test("a sync callback gives its result, the leak, and the body's error as the cause", () => {
    expect(LinearContext.run((context) => leaky(context).consume())).toBe(1);
    leak(() => LinearContext.run(leaky));
    const mine = new TypeError("mine");
    expect(leak(() => LinearContext.run((context) => { leaky(context); throw mine; })).cause).toBe(mine);
    expect(thrown(() => LinearContext.run(() => { throw mine; }))).toBe(mine);
    expect(thrown(() => LinearContext.run((c) => { leaky(c); throw mine; }, { onLeak: () => {} }))).toBe(mine);
  });

  test("with an async callback it stays open until the promise settles", async () => {
    const result = await LinearContext.run(async (context) => {
      const resource = leaky(context);
      await Promise.resolve();
      return resource.consume();
    });
    expect(result).toBe(1);
    await expect(LinearContext.run(async (context) => leaky(context).name)).rejects.toBeInstanceOf(LinearLeakError);
    const mine = new TypeError("mine");
    const failed = LinearContext.run(async (context) => { leaky(context); throw mine; });
    await expect(failed).rejects.toMatchObject({ code: "ERR_LINEAR_LEAK", cause: mine });
  });

  test("using and await using close it", async () => {
    expect(() => {
      using context = new LinearContext();
      leaky(context);
    }).toThrow(LinearLeakError);
    await expect(leakyAwaitUsing()).rejects.toBeInstanceOf(LinearLeakError);
  });

  test("a long-lived context holds only live resources", () => {
    captureSites(false);
    const seen: Leak[] = [];
    const context = new LinearContext({ onLeak: (leaks) => seen.push(...leaks) });
    const ring: LinearResource<number>[] = [];
    for (let turn = 0; turn < 100_000; turn++) {
      ring.push(new LinearResource(turn, { context }));
      if (ring.length > 64) ring.splice(turn % 64, 1)[0]!.consume();
    }
    context.close();
    expect(seen).toHaveLength(64);
  });
});

describe("disposal hooks", () => {
  test("run once, when the context or `using` ends, and not after consume", () => {
    const log: string[] = [];
    const dispose = (value: string): void => void log.push(value);
    const context = new LinearContext({
      onLeak: (leaks) => log.push(`${leaks.length} left`),
      onReleaseError: (error, name) => log.push(`${name}: ${String(error)}`),
    });
    new LinearResource("a", { context, dispose });
    new LinearResource("b", { context, dispose }).consume();
    new AffineResource("c", { context, name: "c", dispose: () => { throw new Error("no"); } });
    expect(context.close()).toBeUndefined();
    {
      using own = new LinearResource("d", { dispose });
      own.use(() => 0);
    }
    {
      using taken = new LinearResource("e", { dispose });
      taken.consume();
    }
    expect(log).toEqual(["c: Error: no", "a", "1 left", "d"]);
  });

  /** Makes a context, a resource in it whose hook settles on demand, and the log of both. */
  function slow(onReleaseError?: (error: unknown, resource: string) => void) {
    const log: string[] = [];
    let end = (_error?: Error): void => undefined;
    const flushed = new Promise<void>((resolve, reject) => {
      end = (error) => (error ? reject(error) : resolve());
    });
    const context = new LinearContext({
      name: "job",
      onLeak: (leaks) => log.push(`${leaks.length} left`),
      ...(onReleaseError && { onReleaseError }),
    });
    const dispose = (file: string) => flushed.then(() => log.push(`${file} flushed`));
    const file = new AffineResource("file", { name: "file", context, dispose });
    return { context, file, log, end };
  }

  test("may be async: close(), `await using` and run wait for them", async () => {
    const { context, log, end } = slow();
    new LinearResource(1, { context });
    const closing = context.close();
    expect(log).toEqual([]);
    end();
    await closing;
    expect(log).toEqual(["file flushed", "1 left"]);

    const other = slow();
    await (async () => {
      await using scope = other.context;
      other.end();
      expect(scope.isClosed).toBe(false);
    })();
    expect(other.log).toEqual(["file flushed"]);

    const seen: string[] = [];
    await LinearContext.run(async (scope) => {
      new AffineResource("r", { context: scope, dispose: async (r) => void seen.push(await Promise.resolve(r)) });
    });
    expect(seen).toEqual(["r"]);

    const own = slow();
    await (async () => {
      await using file = own.file;
      own.end();
      expect(file.isConsumed).toBe(false);
    })();
    expect(own.log).toEqual(["file flushed"]);
    await own.file[Symbol.asyncDispose]();
    expect(own.log).toEqual(["file flushed"]);
  });

  test("run one after the other, the latest first, also after one that fails", async () => {
    const log: string[] = [];
    const context = new LinearContext({ onReleaseError: (error, name) => log.push(`${name}: ${String(error)}`) });
    const hook = (fails: boolean) => async (value: string): Promise<void> => {
      log.push(`${value}+`);
      await new Promise((resolve) => setImmediate(resolve));
      if (fails) throw new Error("no");
      log.push(`${value}-`);
    };
    const connection = new AffineResource("connection", { context, dispose: hook(false) });
    new AffineResource("file", { context, dispose: (value) => log.push(value, `${String(connection.isConsumed)}`) });
    new AffineResource("batch", { name: "batch", context, dispose: hook(true) });
    new AffineResource("rollback", { context, dispose: hook(false) });
    await context.close();
    const order = ["rollback+", "rollback-", "batch+", "batch: Error: no", "file", "true", "connection+", "connection-"];
    expect(log).toEqual(order);
  });

  test("a leak is an error of the promise of close(), after the hooks", async () => {
    const context = new LinearContext({ name: "job" });
    const seen: number[] = [];
    new LinearResource(7, { name: "lock", context, dispose: async (n) => void seen.push(await Promise.resolve(n)) });
    await expect(context.close()).rejects.toThrow(LinearLeakError);
    expect(seen).toEqual([7]);
    const scope = new LinearContext();
    new LinearResource(8, { context: scope, dispose: async (n) => void seen.push(n) });
    expect(() => scope[Symbol.dispose]()).toThrow(LinearLeakError);
  });

  test("a rejection is reported, and never left unhandled", async () => {
    const reports: string[] = [];
    const listener = (error: unknown, name: string): void => void reports.push(`${name}: ${String(error)}`);
    const closed = slow(listener);
    const closing = closed.context.close();
    closed.end(new Error("disk full"));
    await closing;
    expect(reports).toEqual(["file: Error: disk full"]);

    const scoped = slow(listener);
    scoped.file[Symbol.dispose]();
    scoped.end(new Error("disk gone"));
    await new Promise((resolve) => setImmediate(resolve));
    expect(reports[1]).toBe("file: Error: disk gone");

    const awaited = slow(listener);
    const disposing = awaited.file[Symbol.asyncDispose]();
    awaited.end(new Error("seen by the caller"));
    await expect(disposing).rejects.toThrow("seen by the caller");
    expect(reports).toHaveLength(2);
  });

  test("without a listener, or with one that throws, the console has the report", async () => {
    const lines: unknown[][] = [];
    const spy = vi.spyOn(console, "error").mockImplementation((...line: unknown[]) => void lines.push(line));
    const silent = slow();
    const closing = silent.context.close();
    silent.end(new Error("disk full"));
    await closing;
    const broken = new LinearContext({ onReleaseError: () => { throw new Error("listener"); } });
    new AffineResource(1, { name: "b", context: broken, dispose: () => { throw new Error("sync"); } });
    broken.close();
    spy.mockRestore();
    expect(lines.map(([text, error]) => `${String(text)} ${String(error)}`)).toEqual([
      "expected file to be released, got an error: Error: disk full",
      "expected b to be released, got an error: Error: listener",
    ]);
  });

  test("move keeps the hook, and a borrow blocks it", () => {
    const log: number[] = [];
    const context = new LinearContext();
    const moved = new LinearResource(1, { dispose: (n) => log.push(n) }).move(context);
    moved.use(() => {
      expect(() => moved[Symbol.dispose]()).toThrow(LinearTypeError);
    });
    moved[Symbol.dispose]();
    context.close();
    expect(log).toEqual([1]);
  });
});

test("map and split change nothing when they throw, and keep name and context", () => {
  const context = new LinearContext({ name: "job" });
  const r = new LinearResource(2, { name: "r", context });
  expect(() => r.map(() => { throw new Error("no"); })).toThrow("no");
  expect(r.isConsumed).toBe(false);
  const text = r.map(String);
  expect([text.name, r.isConsumed]).toEqual(["r", true]);
  expect(() => r.map(String)).toThrow(LinearTypeError);
  const parts = text.split((one) => [one, 7]);
  expect(() => context.close()).toThrow(LinearLeakError);
  expect(parts.map((part) => part.isConsumed)).toEqual([true, true]);
});

test("map, split and move name the line of the program in a leak, and in the error of a closed context", () => {
  captureSites(true);
  const leaks: Leak[] = [];
  const context = new LinearContext({ onLeak: (all) => leaks.push(...all) });
  function program(): void {
    new LinearResource(1, { name: "mapped", context }).map(String);
    new LinearResource(2, { name: "split", context }).split((n) => [n]);
    new AffineResource(3, { name: "affine", context }).map(String).use(() => undefined);
  }
  program();
  const affine = new AffineResource("a", { name: "affine", context }).map((text) => text + text);
  const closed = new LinearContext();
  closed.close();
  const mover = (): unknown => new LinearResource(4, { name: "moved" }).move(closed);
  expect(mover).toThrow(/got the closed context at mover /);
  affine.consume();
  context.close();
  expect(leaks.map(({ name, createdAt }) => `${name} ${createdAt?.replace(/\(.*[/]/, "(")}`)).toEqual([
    expect.stringMatching(/^mapped program \(linear-resource\.test\.ts:/),
    expect.stringMatching(/^split\[0\] program \(linear-resource\.test\.ts:/),
  ]);
});

test("unknown options, and those of the wrong kind, are refused by name", () => {
  const resource = (options: unknown) => () => new LinearResource(1, options as object);
  const context = (options: unknown) => () => new LinearContext(options as object);
  const refused = (make: () => unknown): string => {
    const error = thrown(make);
    if (!(error instanceof LinearOptionError)) throw error;
    return error.message;
  };
  const unknown = 'expected options of LinearResource out of name, context, dispose, got "dispse"; correct its name';
  expect(refused(resource({ dispse: () => undefined }))).toBe(unknown);
  expect(refused(() => new AffineResource(1, { nmae: "r" } as object))).toContain('options of AffineResource out of name');
  expect(refused(resource({ dispose: "x" }))).toContain("expected a function as dispose of LinearResource, got a string");
  expect(refused(resource({ context: {} }))).toContain("expected a LinearContext as context of LinearResource, got another object");
  expect(refused(resource({ context: null }))).toContain("got null");
  expect(refused(resource("r"))).toBe("expected an object of options for LinearResource, got a string");
  expect(refused(context({ onleak: () => undefined }))).toContain('out of name, onLeak, onReleaseError, got "onleak"');
  expect(refused(context({ name: 7 }))).toContain("expected a string as name of LinearContext, got a number");
  resource({ name: undefined, context: undefined, dispose: undefined })().consume();
  captureSites(false); // as under NODE_ENV=production: kinds alone
  for (const wrong of ["r", null, { name: 7 }, { dispose: "x" }, { context: {} }]) refused(resource(wrong));
});

test("a leak names the error that ended the scope", async () => {
  const fails = (cause: unknown) => (scope: LinearContext): never => {
    leaky(scope);
    throw cause;
  };
  const ended = "the scope had ended by an error, the cause: ";
  expect(leak(() => LinearContext.run(fails(new RangeError("body")))).message).toContain(`${ended}RangeError: body`);
  expect(leak(() => LinearContext.run(fails("text"))).message).toContain(`${ended}text`);
  expect(leak(() => LinearContext.run(fails({}))).message).toContain(`${ended}a thrown object`);
  expect(leak(() => LinearContext.run(fails(new Error("x".repeat(1_000))))).message.length).toBeLessThan(700);
  const later = LinearContext.run(async (scope) => fails(new Error("later"))(scope));
  await expect(later).rejects.toThrow(`${ended}Error: later`);
  expect(leak(() => LinearContext.run((scope) => void leaky(scope))).message).not.toContain(ended);
});
