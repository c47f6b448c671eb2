/** Programs in the shapes of real services that use each linear value once: nothing may be reported. */
export const RIGHT_SHAPES: Readonly<Record<string, string>> = {
  "handler that gives the connection back in finally": `
    app.get("/rows", async (_request, reply) => {
      const lease = await pool.take();
      try {
        reply.send(await lease.use((conn) => conn.query("select 1")));
      } catch (error) {
        log.error("rows", error);
        reply.status(500).send("failed");
      } finally {
        pool.put(lease);
      }
    });`,
  "handler that validates first": `
    app.post("/rows", async (request, reply) => {
      if (request.body.length === 0) {
        reply.status(400).send("empty");
        return;
      }
      const lease = await pool.take();
      const rows = await countRows(lease);
      giveBack(lease);
      reply.send(rows);
    });`,
  "handler that answers 503 when the pool is empty": `
    app.get("/try", async (_request, reply) => {
      const lease = pool.tryTake();
      if (!lease) return reply.status(503).send("busy");
      try {
        reply.send(await countRows(lease));
      } finally {
        giveBack(lease);
      }
    });`,
  "transaction helper with commit and rollback": `
    async function inTransaction(lease: Lease, sqls: readonly string[]): Promise<void> {
      const tx = await begin(lease);
      let failure: unknown;
      let failed = false;
      for (const sql of sqls) {
        try {
          await tx.run(sql);
        } catch (error) {
          failure = error;
          failed = true;
          break;
        }
      }
      if (failed) await tx.rollback();
      else await tx.commit();
      giveBack(lease);
      if (failed) throw failure;
    }`,
  "transaction helper that lends the transaction": `
    /** @borrows lease */
    async function transact<T>(lease: Lease, /** the work */ body: (tx: Pick<Tx, "run">) => Promise<T>): Promise<T> {
      const tx = await begin(lease);
      let result: T;
      try {
        result = await body({ run: (sql, ...values) => tx.run(sql, ...values) });
      } catch (error) {
        await tx.rollback();
        throw error;
      }
      await tx.commit();
      return result;
    }`,
  "bracket function": `
    /** @borrows body */
    async function withLease<T>(body: (lease: Lease) => Promise<T>): Promise<T> {
      const lease = await pool.take();
      try {
        return await body(lease);
      } finally {
        pool.put(lease);
      }
    }
    export const total = () => withLease((lease) => countRows(lease));`,
  "bracket function without async": `
    /**
     * Runs a function with a permit.
     *
     * @borrows work
     */
    function guarded<T>(permit: Permit, work: (permit: Permit) => T): T {
      let result: T;
      try {
        result = work(permit);
      } finally {
        semaphore.leave(permit);
      }
      return result;
    }
    export const price = (permit: Permit) => guarded(permit, (one) => one.use((place) => place * 2));`,
  "bracket method of a class": `
    class Store {
      readonly #pool: Pool;
      constructor(connections: Pool) { this.#pool = connections; }
      /** @borrows body */
      async #with<T>(body: (lease: Lease) => Promise<T>): Promise<T> {
        const lease = await this.#pool.take();
        try {
          return await body(lease);
        } finally {
          this.#pool.put(lease);
        }
      }
      rows(): Promise<number> {
        return this.#with((lease) => countRows(lease));
      }
    }
    export { Store };`,
  "callback type that borrows": `
    /** @borrows lease */
    type Work<T> = (lease: Lease) => Promise<T>;
    async function withLease<T>(work: Work<T>): Promise<T> {
      const lease = await pool.take();
      try {
        return await work(lease);
      } finally {
        pool.put(lease);
      }
    }
    export const total = () => withLease(async (lease) => (await countRows(lease)) + 1);`,
  "worker loop with assignment in the condition": `
    export async function work(): Promise<void> {
      let delivery: Delivery | undefined;
      while ((delivery = await queue.receive()) !== undefined) {
        await handle(delivery.body);
        delivery.ack();
      }
    }`,
  "drain of a local queue": `
    const waiting: Delivery[] = [];
    export function enqueue(delivery: Delivery): void { waiting.push(delivery); }
    export function drain(): number {
      let drained = 0;
      let delivery;
      while ((delivery = waiting.shift())) {
        delivery.nack("shutdown");
        drained++;
      }
      return drained;
    }`,
  "poll until null": `
    export function pump(): void {
      let delivery: Delivery | null;
      while (null !== (delivery = queue.poll())) {
        if (delivery.attempt > settings.retries) delivery.nack("too often");
        else delivery.ack();
      }
    }`,
  "do-while over batches": `
    export async function sweep(): Promise<void> {
      let batch: Delivery[];
      do {
        batch = await queue.batch(10);
        for (const delivery of batch) delivery.ack();
      } while (batch.length > 0);
    }`,
  "consumer with dead letters": `
    export async function consume(dead: (body: string) => Promise<void>): Promise<void> {
      for await (const delivery of queue.deliveries()) {
        try {
          await handle(delivery.body);
        } catch (error) {
          if (delivery.attempt >= settings.retries) {
            await dead(delivery.body);
            delivery.ack();
          } else {
            delivery.nack(String(error));
          }
          continue;
        }
        delivery.ack();
      }
    }`,
  "batch settled in parallel": `
    export async function settle(): Promise<void> {
      const batch = await queue.batch(20);
      await Promise.all(
        batch.map(async (delivery) => {
          const ok = await handle(delivery.body).then(() => true, () => false);
          if (ok) delivery.ack();
          else delivery.nack();
        }),
      );
    }`,
  "retry with a new connection each time": `
    export async function query(sql: string): Promise<readonly Row[]> {
      for (let attempt = 0; ; attempt++) {
        const lease = await pool.take();
        try {
          return await lease.use((conn) => conn.query(sql));
        } catch (error) {
          if (attempt >= settings.retries || !retriable(error)) throw error;
        } finally {
          pool.put(lease);
        }
        await sleep(2 ** attempt * 10);
      }
    }`,
  "reconnect that replaces a dead connection": `
    export async function alive(url: string): Promise<Lease> {
      let lease = await openConn(url);
      while (!isAlive(lease)) {
        await discard(lease);
        await sleep(100);
        lease = await openConn(url);
      }
      return lease;
    }`,
  "pool of connections": `
    export class SimplePool {
      readonly #idle: Lease[] = [];
      readonly #url: string;
      constructor(url: string) { this.#url = url; }
      async take(): Promise<Lease> {
        const idle = this.#idle.pop();
        if (idle !== undefined) {
          if (isAlive(idle)) return idle;
          await discard(idle);
        }
        return openConn(this.#url);
      }
      put(lease: Lease): void {
        this.#idle.push(lease);
      }
      async close(): Promise<void> {
        for (const lease of this.#idle.splice(0)) await discard(lease);
      }
    }`,
  "pool with waiting callers": `
    export class Waiting {
      readonly #idle: Lease[] = [];
      readonly #callers: ((lease: Lease) => void)[] = [];
      take(): Promise<Lease> {
        const lease = this.#idle.pop();
        if (lease) return Promise.resolve(lease);
        return new Promise((resolve) => { this.#callers.push(resolve); });
      }
      put(lease: Lease): void {
        const caller = this.#callers.shift();
        if (caller) caller(lease);
        else this.#idle.push(lease);
      }
      end(): void {
        let lease;
        while ((lease = this.#idle.pop())) giveBack(lease);
      }
    }`,
  "semaphore around a map": `
    export async function limited<T, U>(items: readonly T[], work: (item: T) => Promise<U>): Promise<U[]> {
      return Promise.all(
        items.map(async (item) => {
          const permit = await semaphore.enter();
          try {
            return await work(item);
          } finally {
            semaphore.leave(permit);
          }
        }),
      );
    }`,
  "try-lock with an else": `
    export async function once(): Promise<"ran" | "busy"> {
      const permit = semaphore.tryEnter();
      if (permit === null) return "busy";
      await sleep(10);
      semaphore.leave(permit);
      return "ran";
    }`,
  "try-lock in the condition": `
    export function enterOrWait(wait: () => void): void {
      let permit: Permit | null;
      if ((permit = semaphore.tryEnter()) !== null) semaphore.leave(permit);
      else wait();
    }`,
  "file copy with two handles": `
    export async function copy(from: string, to: string): Promise<void> {
      const input = await openFile(from);
      try {
        const output = await openFile(to);
        try {
          for (let chunk; (chunk = await input.read(65_536)); ) await output.write(chunk);
        } finally {
          await output.close();
        }
      } finally {
        await input.close();
      }
    }`,
  "file handles from one call": `
    export async function both(): Promise<void> {
      const { reader, writer } = await openPair();
      const chunk = await reader.read(10);
      if (chunk) await writer.write(chunk);
      await Promise.all([reader.close(), writer.close()]);
    }`,
  "renamed handles of a tuple": `
    export async function both(): Promise<void> {
      const [input, output] = openBoth();
      await input.close();
      await output.close();
    }`,
  "lines of a file as an async generator": `
    export async function* chunks(path: string): AsyncGenerator<Uint8Array> {
      const file = await openFile(path);
      try {
        let chunk: Uint8Array | undefined;
        while ((chunk = await file.read(1_024)) !== undefined) yield chunk;
      } finally {
        await file.close();
      }
    }`,
  "own generator of deliveries": `
    async function* incoming(): AsyncGenerator<Delivery> {
      for (;;) {
        const delivery = await queue.receive();
        if (delivery === undefined) return;
        yield delivery;
      }
    }
    export async function main(): Promise<void> {
      for await (const delivery of incoming()) delivery.ack();
    }`,
  "cache of handles with eviction": `
    export class Handles {
      readonly #open = new Map<string, FileHandle>();
      async put(path: string): Promise<void> {
        const old = this.#open.get(path);
        this.#open.set(path, await openFile(path));
        await old?.close();
      }
      async evict(path: string): Promise<boolean> {
        const file = this.#open.get(path);
        if (file === undefined) return false;
        this.#open.delete(path);
        await file.close();
        return true;
      }
    }`,
  "lazy connection of a client": `
    export class Client implements AsyncDisposable {
      #lease: Lease | undefined;
      async count(): Promise<number> {
        this.#lease ??= await pool.take();
        return countRows(this.#lease);
      }
      async [Symbol.asyncDispose](): Promise<void> {
        const lease = this.#lease;
        this.#lease = undefined;
        if (lease !== undefined) await discard(lease);
      }
    }`,
  "result object in an argument beside a borrow": `
    function report(lease: Lease, alive: boolean): void {
      if (alive) giveBack(lease);
      else void discard(lease);
    }
    export async function check(): Promise<void> {
      const lease = await pool.take();
      report(lease, isAlive(lease));
    }`,
  "record of a value and its measure": `
    export async function measured(): Promise<{ readonly lease: Lease; readonly rows: number }> {
      const lease = await pool.take();
      const before = Date.now();
      log.info("taken", Date.now() - before);
      return { lease, rows: await countRows(lease) };
    }`,
  "entry of an id and its transaction": `
    export async function open(lease: Lease, open: Map<string, Tx>): Promise<void> {
      const tx = await begin(lease);
      open.set(tx.id, tx);
      giveBack(lease);
    }`,
  "guard function of one's own": `
    interface First extends Delivery { readonly attempt: 0 }
    function isFresh(delivery: Delivery): delivery is First {
      return delivery.attempt === 0;
    }
    function assertFirst(delivery: Delivery): asserts delivery is Delivery {
      if (delivery.attempt > 0) throw new Error("seen before");
    }
    export async function take(): Promise<void> {
      const delivery = await queue.receive();
      if (delivery === undefined) return;
      if (isFresh(delivery)) delivery.ack();
      else delivery.nack();
      const [second] = await queue.batch(1);
      if (second) {
        assertFirst(second);
        second.ack();
      }
    }`,
  "abort of a request": `
    export async function stream(request: Request, reply: Reply): Promise<void> {
      const file = await openFile(request.path);
      let aborted = false;
      request.on("close", () => { aborted = true; });
      try {
        for (;;) {
          request.signal.throwIfAborted();
          const chunk = await file.read(4_096);
          if (chunk === undefined || aborted) break;
          reply.send(chunk);
        }
      } finally {
        await file.close();
      }
    }`,
  "deadline by a race of plain promises": `
    export async function withDeadline(ms: number): Promise<number | undefined> {
      const lease = await pool.take();
      try {
        return await Promise.race([countRows(lease), sleep(ms).then(() => undefined)]);
      } finally {
        giveBack(lease);
      }
    }`,
  "first connection of two hosts, the other given back": `
    export async function fastest(a: string, b: string): Promise<void> {
      const opened = await Promise.allSettled([openConn(a), openConn(b)]);
      for (const one of opened) if (one.status === "fulfilled") giveBack(one.value);
    }`,
  "circuit breaker with a fallback": `
    let failures = 0;
    export async function guarded(fallback: () => Promise<number>): Promise<number> {
      if (failures > 5) return fallback();
      const lease = await pool.take();
      try {
        const rows = await countRows(lease);
        failures = 0;
        return rows;
      } catch (error) {
        failures++;
        log.error("rows", error);
        return fallback();
      } finally {
        giveBack(lease);
      }
    }`,
  "hand-off by mode": `
    export async function route(lease: Lease): Promise<void> {
      switch (settings.mode) {
        case "fast":
          giveBack(lease);
          return;
        case "safe": {
          const rows = await countRows(lease);
          log.info("rows", rows);
          await discard(lease);
          return;
        }
      }
    }`,
  "option with a default connection": `
    interface Options { readonly lease?: Lease; readonly sql: string }
    export async function once({ lease = new LinearResource<Conn>(connect()), sql }: Options): Promise<void> {
      await lease.use((conn) => conn.query(sql));
      giveBack(lease);
    }
    declare function connect(): Conn;`,
  "scope of a context": `
    export const answer = (conn: Conn): Promise<number> =>
      LinearContext.run(async (context) => {
        const lease: Lease = new LinearResource(conn, { name: "lease", context });
        const rows = await countRows(lease);
        lease.consume().end();
        return rows;
      }, { name: "answer" });`,
  "split of a pair": `
    export function halves(pair: LinearResource<readonly [Conn, Conn]>): void {
      const [primary, replica] = pair.split((both) => both);
      primary.consume().end();
      replica.consume().end();
    }`,
  "state machine with a switch in a loop": `
    type Phase = "connect" | "serve" | "stop";
    export async function machine(next: (phase: Phase) => Phase): Promise<void> {
      let lease: Lease | undefined;
      for (let phase: Phase = "connect"; ; phase = next(phase)) {
        if (phase === "connect") lease ??= await pool.take();
        else if (phase === "serve") log.info("rows", lease && (await countRows(lease)));
        else break;
      }
      if (lease) giveBack(lease);
    }`,
  "graceful shutdown of a server's sockets": `
    const sockets = new Set<Lease>();
    export function accept(lease: Lease): void { sockets.add(lease); }
    export async function shutdown(): Promise<void> {
      for (const lease of sockets) {
        sockets.delete(lease);
        await discard(lease, "shutdown");
      }
    }`,
  "settings merged by Object.assign": `
    interface Session { readonly user: string; lease?: Lease }
    export async function login(user: string): Promise<Session> {
      const session: Session = { user };
      const lease = await pool.take();
      return Object.assign(session, { lease });
    }`,
  // Programs with effects.
  "effects: ping loop": `
    export function* ping(to: string): Generator<Need<"clock"> | Need<"net">, never> {
      for (;;) {
        const sent = yield* Net.send(to, new Uint8Array(1));
        if (!sent && !(yield* Net.linked(to))) yield* Clock.sleep(1_000);
        yield* Clock.sleep(100);
      }
    }`,
  "effects: bodies for combinators": `
    export function* gather(peers: readonly string[]) {
      const sent = yield* all(peers.map((peer) => () => Net.send(peer, new Uint8Array(0))));
      const reader = yield* spawn(() => Net.receive());
      return { sent: sent.length, first: yield* reader.join() };
    }`,
  "effects: a program in a variable": `
    export function* later(to: string) {
      const program = Net.send(to, new Uint8Array(2));
      yield* Clock.sleep(5);
      return yield* program;
    }`,
  "effects: functions that return programs": `
    const hello = (to: string): Eff<Need<"net">, boolean> => Net.send(to, bytesOf("hello"));
    function bye(to: string) { return Net.send(to, bytesOf("bye")); }
    export function* talk(to: string) {
      if (yield* hello(to)) return yield* bye(to);
      return false;
    }
    export const main = () => run(() => talk("b"));`,
  "effects: conditional program and cleanup": `
    export function* careful(to: string | undefined) {
      yield* to === undefined ? Clock.sleep(1) : ensure(() => Clock.sleep(2), () => Clock.sleep(3));
      const now = yield* Clock.now();
      return now > 5 ? [now] : [];
    }`,
  "plain generators are no programs": `
    function* ids(): Generator<string, void> { let next = 0; while (next < 3) yield String(next++); }
    export function* double(): Generator<number> {
      const all = ids();
      all.next();
      for (const id of all) yield id.length;
      [...ids()].forEach((id) => log.info(id));
      yield 3;
    }`,
  // A second batch, written after the rules were mended.
  "leader with a permit": `
    export class Leader {
      #permit: Permit | null = null;
      get leads(): boolean { return this.#permit !== null; }
      async campaign(): Promise<void> {
        if (this.#permit !== null) return;
        const permit = await semaphore.enter();
        if (this.#permit === null) this.#permit = permit;
        else semaphore.leave(permit);
      }
      resign(): void {
        const permit = this.#permit;
        this.#permit = null;
        if (permit) semaphore.leave(permit);
      }
    }`,
  "batcher": `
    export class Batcher {
      #batch: Delivery[] = [];
      add(delivery: Delivery): void {
        this.#batch.push(delivery);
        if (this.#batch.length >= 10) this.flush();
      }
      flush(): void {
        const batch = this.#batch;
        this.#batch = [];
        for (const delivery of batch) delivery.ack();
      }
    }`,
  "pipeline of generators": `
    async function* parse(source: AsyncIterable<Delivery>): AsyncGenerator<{ readonly delivery: Delivery; readonly data: string }> {
      for await (const delivery of source) yield { delivery, data: delivery.body.trim() };
    }
    export async function main(): Promise<void> {
      for await (const { delivery, data } of parse(queue.deliveries())) {
        if (data === "") delivery.nack("empty");
        else delivery.ack();
      }
    }`,
  "statistics over slots": `
    type Slot = { lease: Lease; usedAt: number };
    export class Slots {
      readonly #slots = new Map<string, Slot>();
      put(id: string, lease: Lease): void { this.#slots.set(id, { lease, usedAt: Date.now() }); }
      slot(id: string): Slot | undefined { return this.#slots.get(id); }
      oldest(): number {
        let oldest = Infinity;
        for (const { usedAt } of this.#slots.values()) oldest = Math.min(oldest, usedAt);
        return oldest;
      }
      drop(id: string): void {
        const slot = this.#slots.get(id);
        if (!slot) return;
        this.#slots.delete(id);
        giveBack(slot.lease);
      }
    }
    export function idle(slots: Slots, id: string): number { const slot = slots.slot(id); return slot ? Date.now() - slot.usedAt : 0; }
    export function alive(slots: Slots, id: string): boolean { const slot = slots.slot(id); return slot !== undefined && isAlive(slot.lease); }`,
  "rows of a slot": `
    type Slot = { lease: Lease; usedAt: number };
    declare function slotOf(id: string): Slot;
    export async function rows(id: string): Promise<number> { const { lease, usedAt } = slotOf(id); log.info("used", usedAt); return countRows(lease); }`,
  "take with a timeout": `
    export async function takeWithin(ms: number): Promise<Lease | undefined> {
      const taking = pool.take();
      const timer = sleep(ms).then(() => undefined);
      const lease = await Promise.race([taking, timer]);
      return lease ?? undefined;
    }`,
  "copy until it is aborted": `
    export async function copy(signal: { readonly aborted: boolean }, from: string): Promise<number> {
      const file = await openFile(from);
      let bytes = 0;
      try {
        while (!signal.aborted) {
          const chunk = await file.read(100);
          if (!chunk) break;
          bytes += chunk.length;
        }
        return bytes;
      } finally {
        await file.close();
      }
    }`,
  "transfer between lists": `
    export function transfer(from: Lease[], to: Lease[]): void {
      to.push(...from.splice(0));
    }
    export function swap(slots: Lease[], index: number, lease: Lease): void {
      const old = slots[index];
      slots[index] = lease;
      if (old) giveBack(old);
    }`,
  "saga of two transactions": `
    export async function saga(lease: Lease): Promise<boolean> {
      const first = await begin(lease);
      const second = await begin(lease);
      giveBack(lease);
      if ((await first.run("a")).length > 0) {
        if ((await second.run("b")).length > 0) {
          await first.commit();
          await second.commit();
          return true;
        }
        await second.rollback();
      } else {
        await second.rollback();
      }
      await first.rollback();
      return false;
    }`,
  "newest of a batch": `
    export async function newest(): Promise<Delivery | undefined> {
      let newest: Delivery | undefined;
      for (const delivery of await queue.batch(10)) {
        if (newest === undefined || delivery.attempt > newest.attempt) {
          newest?.nack("older");
          newest = delivery;
        } else delivery.nack("older");
      }
      return newest;
    }`,
  "builder": `
    export class Builder {
      #tx: Tx | undefined;
      with(tx: Tx): this { this.#tx?.rollback(); this.#tx = tx; return this; }
      build(): Tx {
        const tx = this.#tx;
        if (tx === undefined) throw new Error("no tx");
        this.#tx = undefined;
        return tx;
      }
    }`,
  "pair whose second take may fail": `
    export async function pairUp(): Promise<[Lease, Lease]> {
      const a = await pool.take();
      try {
        return [a, await pool.take()];
      } catch (error) {
        giveBack(a);
        throw error;
      }
    }`,
  "batch filtered": `
    export async function keepFresh(): Promise<Delivery[]> {
      const fresh: Delivery[] = [];
      for (const delivery of await queue.batch(10)) {
        if (delivery.attempt > 3) { delivery.nack(); continue; }
        fresh.push(delivery);
      }
      return fresh;
    }`,
  "batch grouped": `
    export async function grouped(): Promise<Map<string, Delivery[]>> {
      const groups = new Map<string, Delivery[]>();
      for (const delivery of await queue.batch(10)) {
        const group = groups.get(delivery.body);
        if (group) group.push(delivery);
        else groups.set(delivery.body, [delivery]);
      }
      return groups;
    }`,
  "two batches": `
    export async function two(): Promise<number> {
      const all = [...(await queue.batch(5)), ...(await queue.batch(5))];
      all.forEach((delivery) => delivery.ack());
      return all.length;
    }`,
  "batch mapped and acknowledged": `
    export async function acked(): Promise<string[]> {
      const batch = await queue.batch(5);
      return batch.map((delivery) => { const { body } = delivery; delivery.ack(); return body; });
    }`,
  "batch shifted": `
    export async function worker(): Promise<void> {
      const batch = await queue.batch(5);
      while (batch.length > 0) {
        const delivery = batch.shift();
        if (!delivery) break;
        await handle(delivery.body);
        delivery.ack();
      }
    }`,
  "batch sorted and taken apart": `
    export async function firstOnly(): Promise<void> {
      const batch = await queue.batch(5);
      batch.sort((a, b) => a.attempt - b.attempt);
      const [first, ...others] = batch;
      first?.ack();
      for (const other of others) other.nack();
    }`,
  "batch by index": `
    export async function indexed(): Promise<void> {
      for (const [index, delivery] of (await queue.batch(5)).entries()) {
        if (index % 2 === 0) delivery.ack();
        else delivery.nack();
      }
    }`,
  "pair closed on both branches": `
    export async function route(flag: boolean): Promise<void> {
      const { reader, writer } = await openPair();
      if (flag) { await reader.close(); await writer.close(); return; }
      await writer.close();
      await reader.close();
    }`,
  "pair stored whole": `
    export async function keep(store: { put(pair: { readonly reader: FileHandle; readonly writer: FileHandle }): void }): Promise<void> {
      const pair = await openPair();
      await pair.writer.write(new Uint8Array(1));
      store.put(pair);
    }`,
  "pair spread into a result": `
    export async function make(): Promise<{ readonly reader: FileHandle; readonly writer: FileHandle; readonly at: number }> {
      const pair = await openPair();
      return { ...pair, at: Date.now() };
    }`,
  "pair and file of Promise.all": `
    export async function nested(): Promise<void> {
      const [{ reader, writer }, file] = await Promise.all([openPair(), openFile("x")]);
      await Promise.all([reader.close(), writer.close(), file.close()]);
    }`,
  "files that were opened": `
    export async function both(): Promise<FileHandle[]> {
      const results = await Promise.allSettled([openFile("a"), openFile("b")]);
      const files: FileHandle[] = [];
      for (const result of results) if (result.status === "fulfilled") files.push(result.value);
      return files;
    }`,
  "first host that answers": `
    export async function one(urls: readonly string[]): Promise<Lease> {
      for (const url of urls) {
        try {
          return await openConn(url);
        } catch (error) {
          log.error(url, error);
        }
      }
      throw new Error("none");
    }`,
  "recursive drain": `
    export async function drain(): Promise<void> {
      const delivery = await queue.receive();
      if (delivery === undefined) return;
      delivery.ack();
      return drain();
    }`,
  "nested finally": `
    export async function outer(): Promise<void> {
      const a = await pool.take();
      try {
        const b = await pool.take();
        try {
          await Promise.all([countRows(a), countRows(b)]);
        } finally {
          giveBack(b);
        }
      } finally {
        giveBack(a);
      }
    }`,
  "event with a measure": `
    declare function record(event: { lease: Lease; alive: boolean; at: number }): void;
    export async function observe(): Promise<void> {
      const lease = await pool.take();
      record({ lease, alive: isAlive(lease), at: Date.now() });
    }`,
  "argument that awaits": `
    declare function finish(lease: Lease, rows: number): Promise<void>;
    export async function done(): Promise<void> {
      const lease = await pool.take();
      await finish(lease, await countRows(lease));
    }`,
  "reason made of the message itself": `
    export async function nackWith(): Promise<void> {
      const delivery = await queue.receive();
      delivery?.nack(\`failed: \${delivery.body} after \${delivery.attempt}\`);
    }`,
  "session with a measure": `
    class Session { constructor(readonly lease: Lease, readonly alive: boolean) {} close(): void { giveBack(this.lease); } }
    export async function session(): Promise<Session> { const lease = await pool.take(); return new Session(lease, isAlive(lease)); }`,
  "bracket by promises": `
    /** @borrows body */
    export function withFile<T>(path: string, body: (file: FileHandle) => Promise<T>): Promise<T> {
      return openFile(path).then((file) => body(file).finally(() => file.close()));
    }`,
  "bracket that retries": `
    /** @borrows body */
    export async function retrying<T>(body: (lease: Lease) => Promise<T>): Promise<T> {
      for (let attempt = 0; ; attempt++) {
        const lease = await pool.take();
        try {
          return await body(lease);
        } catch (error) {
          if (attempt > 3) throw error;
        } finally {
          giveBack(lease);
        }
      }
    }`,
  "hook that borrows": `
    interface Hooks { /** @borrows lease */ onLease(lease: Lease): void; onDone?(): void }
    export async function hooked(hooks: Hooks): Promise<void> {
      const lease = await pool.take();
      hooks.onLease(lease);
      giveBack(lease);
      hooks.onDone?.();
    }`,
  "manual iteration": `
    export async function manual(): Promise<void> {
      const iterator = queue.deliveries()[Symbol.asyncIterator]();
      for (let step = await iterator.next(); !step.done; step = await iterator.next()) step.value.ack();
    }`,
  "cache that opens on demand": `
    export async function ensureOpen(map: Map<string, FileHandle>, path: string): Promise<FileHandle> {
      let file = map.get(path);
      if (!file) map.set(path, (file = await openFile(path)));
      return file;
    }`,
  "effects: quorum": `
    export function* quorum(peers: readonly string[], needed: number) {
      let acks = 0;
      for (const peer of peers) if (yield* Net.send(peer, new Uint8Array(0))) acks += 1;
      const started = yield* Clock.now();
      while (acks < needed) {
        if ((yield* Clock.now()) - started > 100) return false;
        const text = yield* Net.receive();
        if (text === "ack") acks++;
      }
      return true;
    }`,
  "effects: a list of programs, performed in turn": `
    export function* sequence(peers: readonly string[]) {
      const steps = peers.map((peer) => Net.send(peer, new Uint8Array(1)));
      const results: boolean[] = [];
      for (const step of steps) results.push(yield* step);
      return results;
    }`,
  "effects: table of commands": `
    const commands: Record<string, () => Eff<Need<"clock">, number>> = { now: () => Clock.now() };
    export function* dispatch(name: string) { const command = commands[name]; return command ? yield* command() : -1; }`,
  "effects: methods": `
    export class Node { *tick(): Generator<Need<"clock">, number> { return yield* Clock.now(); } start(): Eff<Need<"clock">, number> { return this.tick(); } }`,
  "effects: a program run by a promise": `
    export async function main(): Promise<number> { const value = await run(function* () { yield* Clock.sleep(1); return yield* Clock.now(); }); return value; }`,
  "effects: generic combinators": `
    export function* twice<R, A>(body: () => Eff<R, A>): Generator<R, readonly [A, A]> { return [yield* body(), yield* body()]; }
    export function once<R, A>(program: Eff<R, A>): Eff<R, A> { return program; }`,
  "effects: in a generator inside an async function": `
    export async function main() {
      return run(function* () {
        yield* Clock.sleep(5);
        return yield* Clock.now();
      });
    }`,
  "effects: made for a caller inside an async function": `
    export async function main() {
      await sleep(1);
      return run(() => Clock.now());
    }`,
  "effects: an async function that says that it returns a program": `
    export async function plan(): Promise<Eff<Need<"clock">, void>> {
      await sleep(1);
      return Clock.sleep(5);
    }`,
};
