/**
 * Programs in the shapes of real services that use a linear value wrongly, with the reports in the order of the text, or none
 * for a mistake that is missed.
 */
export const WRONG_SHAPES: Readonly<Record<string, readonly [reports: string, program: string]>> = {
  "handler returns early without giving back": ["oneBranch", `
    app.get("/rows", async (request, reply) => {
      const lease = await pool.take();
      if (request.path === "") {
        reply.status(400).send("no path");
        return;
      }
      reply.send(await countRows(lease));
      pool.put(lease);
    });`],
  "handler swallows the error and the connection": ["oneBranch", `
    app.get("/rows", async (_request, reply) => {
      const lease = await pool.take();
      try {
        reply.send(await countRows(lease));
        pool.put(lease);
      } catch (error) {
        log.error("rows", error);
        reply.status(500).send("failed");
      }
    });`],
  "handler gives back twice on failure": ["usedTwice", `
    app.post("/rows", async (request, reply) => {
      const lease = await pool.take();
      try {
        await lease.use((conn) => conn.query(request.body));
      } catch (error) {
        await discard(lease, error);
        reply.status(500).send("failed");
      } finally {
        pool.put(lease);
      }
    });`],
  "handler gives back in a close listener too": ["captured", `
    app.get("/stream", async (request, reply) => {
      const lease = await pool.take();
      request.on("close", () => pool.put(lease));
      reply.send(await countRows(lease));
    });`],
  "handler that forgets a promise of a connection": ["discarded", `
    app.get("/warm", async (_request, reply) => {
      void openConn("db://warm");
      reply.send("warm");
    });`],
  "health check that keeps the connection": ["dropped", `
    export async function healthy(): Promise<boolean> {
      const lease = await pool.take();
      return isAlive(lease);
    }`],
  "health check of a fresh connection": ["discarded", `
    export async function healthy(): Promise<boolean> {
      return isAlive(await pool.take());
    }`],
  "transaction committed and then rolled back": ["usedTwice usedTwice", `
    export async function save(lease: Lease, sql: string): Promise<void> {
      const tx = await begin(lease);
      giveBack(lease);
      try {
        await tx.run(sql);
        await tx.commit();
        log.info("saved");
      } catch {
        await tx.rollback();
      }
      await tx.rollback();
    }`],
  "transaction left open when nothing changed": ["oneBranch", `
    export async function rename(lease: Lease, name: string): Promise<boolean> {
      const tx = await begin(lease);
      giveBack(lease);
      const rows = await tx.run("select 1 where name = ?", name);
      if (rows.length === 0) return false;
      await tx.run("update", name);
      await tx.commit();
      return true;
    }`],
  "transaction used after its commit": ["usedTwice", `
    export async function audit(lease: Lease): Promise<number> {
      const tx = await begin(lease);
      giveBack(lease);
      await tx.commit();
      return (await tx.run("select count(*)")).length;
    }`],
  "transaction begun and not kept": ["discarded", `
    export async function lock(lease: Lease): Promise<void> {
      await begin(lease);
      await lease.use((conn) => conn.query("lock table"));
      giveBack(lease);
    }`],
  "bracket that forgets": ["dropped", `
    /** @borrows body */
    export async function withLease<T>(body: (lease: Lease) => Promise<T>): Promise<T> {
      const lease = await pool.take();
      return body(lease);
    }`],
  "bracket whose callback keeps": ["borrowed", `
    /** @borrows body */
    async function withLease<T>(body: (lease: Lease) => Promise<T>): Promise<T> {
      const lease = await pool.take();
      try {
        return await body(lease);
      } finally {
        pool.put(lease);
      }
    }
    export const wrong = () => withLease(async (lease) => { giveBack(lease); });`],
  "callback type that borrows, and a callback that takes": ["borrowed", `
    /** @borrows lease */
    type Work = (lease: Lease) => void;
    declare function each(work: Work): void;
    export const wrong = () => { each((lease) => { giveBack(lease); }); };`],
  "worker that never acknowledges": ["reassigned", `
    export async function work(): Promise<void> {
      let delivery: Delivery | undefined;
      while ((delivery = await queue.receive()) !== undefined) {
        await handle(delivery.body);
      }
    }`],
  "worker that acknowledges on success only": ["reassigned", `
    export async function work(): Promise<void> {
      let delivery;
      while ((delivery = await queue.receive())) {
        try {
          await handle(delivery.body);
          delivery.ack();
        } catch (error) {
          log.error("handle", error);
        }
      }
    }`],
  "worker that skips without a word": ["oneBranch", `
    export async function work(): Promise<void> {
      for await (const delivery of queue.deliveries()) {
        if (delivery.body.startsWith("#")) continue;
        await handle(delivery.body);
        delivery.ack();
      }
    }`],
  "worker that acknowledges before and refuses after": ["usedTwice", `
    export async function work(): Promise<void> {
      for await (const delivery of queue.deliveries()) {
        delivery.ack();
        try {
          await handle(delivery.body);
        } catch (error) {
          delivery.nack(String(error));
        }
      }
    }`],
  "batch of which only failures are settled": ["oneBranch", `
    export async function settle(): Promise<void> {
      for (const delivery of await queue.batch(10)) {
        await handle(delivery.body).catch(() => { delivery.nack(); });
      }
    }`],
  "batch filtered and forgotten": ["forgotten", `
    export async function fresh(): Promise<number> {
      const batch = await queue.batch(10);
      return batch.filter((delivery) => delivery.attempt === 0).length;
    }`],
  "poll in a condition whose value is lost": ["discarded", `
    export function spin(): void {
      while (queue.poll() !== null) log.info("one more");
    }`],
  "own generator whose deliveries are only read": ["dropped", `
    async function* incoming(): AsyncGenerator<Delivery> {
      for (;;) {
        const delivery = await queue.receive();
        if (delivery === undefined) return;
        yield delivery;
      }
    }
    export async function main(): Promise<void> {
      for await (const delivery of incoming()) log.info(delivery.body);
    }`],
  "own generator that drops what it filters": ["oneBranch", `
    export async function* filtered(prefix: string): AsyncGenerator<Delivery> {
      for await (const delivery of queue.deliveries()) {
        if (delivery.body.startsWith(prefix)) yield delivery;
      }
    }`],
  "retry that uses the connection it gave back": ["oneBranch inLoop inLoop", `
    export async function query(lease: Lease, sql: string): Promise<readonly Row[]> {
      for (let attempt = 0; attempt < settings.retries; attempt++) {
        try {
          return await lease.use((conn) => conn.query(sql));
        } catch (error) {
          log.error("query", error);
          giveBack(lease);
        }
      }
      throw new Error("no more retries");
    }`],
  "retry that loses the connection of each failure": ["oneBranch", `
    export async function query(sql: string): Promise<readonly Row[]> {
      for (let attempt = 0; ; attempt++) {
        const lease = await pool.take();
        try {
          const rows = await lease.use((conn) => conn.query(sql));
          pool.put(lease);
          return rows;
        } catch (error) {
          if (attempt >= settings.retries) throw error;
          await sleep(10);
        }
      }
    }`],
  "reconnect that overwrites": ["reassigned", `
    export async function alive(url: string): Promise<Lease> {
      let lease = await openConn(url);
      while (!isAlive(lease)) {
        await sleep(100);
        lease = await openConn(url);
      }
      return lease;
    }`],
  "pool that drops dead connections": ["oneBranch", `
    export class SimplePool {
      readonly #idle: Lease[] = [];
      async take(url: string): Promise<Lease> {
        const idle = this.#idle.pop();
        if (idle !== undefined && isAlive(idle)) return idle;
        return openConn(url);
      }
      put(lease: Lease): void {
        this.#idle.push(lease);
      }
    }`],
  "pool that nobody takes from": ["forgotten", `
    export class Sink {
      readonly #idle: Lease[] = [];
      put(lease: Lease): void {
        this.#idle.push(lease);
      }
      get size(): number {
        return this.#idle.length;
      }
    }`],
  "pool that gives back and keeps": ["usedTwice", `
    export class Keeping {
      #last: Lease | undefined;
      put(lease: Lease): void {
        this.#last = lease;
        pool.put(lease);
      }
      take(): Lease | undefined {
        const last = this.#last;
        this.#last = undefined;
        return last;
      }
    }`],
  "semaphore left on success only": ["oneBranch", `
    export async function limited<T>(work: () => Promise<T>): Promise<T | undefined> {
      const permit = await semaphore.enter();
      try {
        const result = await work();
        semaphore.leave(permit);
        return result;
      } catch {
        return undefined;
      }
    }`],
  "semaphore entered in a condition and not left": ["discarded", `
    export function tryOnce(work: () => void): void {
      if (semaphore.tryEnter()) work();
    }`],
  "semaphore left in a timer": ["captured", `
    export async function cool(): Promise<void> {
      const permit = await semaphore.enter();
      setTimeout(() => { semaphore.leave(permit); }, 100);
    }
    declare function setTimeout(work: () => void, ms: number): void;`],
  "try-lock in the condition, forgotten on a branch": ["oneBranch", `
    export function maybeEnter(wait: () => void): void {
      let permit: Permit | null;
      if ((permit = semaphore.tryEnter()) !== null) {
        if (settings.debug) return;
        semaphore.leave(permit);
      } else wait();
    }`],
  "writer of a pair forgotten": ["omitted", `
    export async function first(): Promise<Uint8Array | undefined> {
      const { reader } = await openPair();
      const chunk = await reader.read(10);
      await reader.close();
      return chunk;
    }`],
  "second handle of a tuple forgotten": ["omitted", `
    export async function one(): Promise<void> {
      const [input] = openBoth();
      await input.close();
    }`],
  "first handle of a tuple skipped": ["omitted", `
    export async function one(): Promise<void> {
      const [, output] = openBoth();
      await output.close();
    }`],
  "half of a split forgotten": ["omitted", `
    export function half(pair: LinearResource<readonly [Conn, Conn]>): void {
      const [primary] = pair.split((both) => both);
      primary.consume().end();
    }`],
  "copy that closes one file": ["dropped", `
    export async function copy(from: string, to: string): Promise<void> {
      const input = await openFile(from);
      const output = await openFile(to);
      for (let chunk; (chunk = await input.read(65_536)); ) await output.write(chunk);
      await output.close();
    }`],
  "file closed by both arms and after": ["usedTwice", `
    export async function read(path: string): Promise<Uint8Array | undefined> {
      const file = await openFile(path);
      const chunk = await file.read(100).finally(() => file.close());
      await file.close();
      return chunk;
    }`],
  "race whose loser and winner are lost": ["outrun discarded", `
    export async function warm(a: string, b: string): Promise<void> {
      await Promise.race([openConn(a), openConn(b)]);
      log.info("warm");
    }`],
  "race whose winner alone is given back": ["outrun", `
    export async function fastest(a: string, b: string): Promise<void> {
      const lease = await Promise.race([openConn(a), openConn(b)]);
      giveBack(lease);
    }`],
  "deadline that loses a late connection": ["discarded", `
    export async function within(ms: number): Promise<boolean> {
      await Promise.race([pool.take(), sleep(ms)]);
      return true;
    }`],
  "option whose default is forgotten": ["dropped", `
    interface Options { readonly lease?: Lease; readonly sql: string }
    declare function connect(): Conn;
    export async function once({ lease = new LinearResource<Conn>(connect()), sql }: Options): Promise<readonly Row[]> {
      return lease.use((conn) => conn.query(sql));
    }`],
  "session that Object.assign fills and nobody reads": ["discarded", `
    export async function login(user: string): Promise<string> {
      const session = { user };
      Object.assign(session, { lease: await pool.take() });
      return session.user;
    }`],
  "measure after the hand-off": ["usedTwice", `
    export async function putAndCount(): Promise<number> {
      const lease = await pool.take();
      pool.put(lease);
      return countRows(lease);
    }`],
  // Programs with effects.
  "effects: a send that is never performed": ["unperformed", `
    export function* ping(to: string) {
      Net.send(to, new Uint8Array(1));
      yield* Clock.sleep(100);
    }`],
  "effects: a link that is always true": ["unperformed", `
    export function* guard(to: string) {
      if (Net.linked(to)) yield* Net.send(to, new Uint8Array(1));
    }`],
  "effects: a stray yield": ["unperformed", `
    export function* wait() {
      yield Clock.sleep(10);
      return yield* Clock.now();
    }`],
  "effects: programs in a forEach": ["unperformed", `
    export function* broadcast(peers: readonly string[]) {
      peers.forEach((peer) => { Net.send(peer, new Uint8Array(1)); });
      yield* Clock.sleep(1);
    }`],
  "effects: a variable that is not performed": ["unperformed", `
    export function* listen(): Generator<Need<"net"> | Need<"clock">, number> {
      const text = Net.receive();
      log.info("received", text);
      return yield* Clock.now();
    }`],
  "effects: a negated program": ["unperformed", `
    export function* reconnect(to: string) {
      while (!Net.linked(to)) yield* Clock.sleep(100);
    }`],
  // A second batch, written after the rules were mended.
  "leader that overwrites its permit": ["forgotten", `
    export class Leader {
      #permit: Permit | null = null;
      get leads(): boolean { return this.#permit !== null; }
      async campaign(): Promise<void> {
        this.#permit = await semaphore.enter();
      }
    }`],
  "batcher whose flush forgets": ["forgotten", `
    export class Batcher {
      #batch: Delivery[] = [];
      add(delivery: Delivery): void { this.#batch.push(delivery); }
      flush(): void {
        log.info("flushed", this.#batch.length);
        this.#batch = [];
      }
    }`],
  "pipeline that drops what is empty": ["oneBranch", `
    export async function main(): Promise<void> {
      for await (const delivery of queue.deliveries()) {
        const data = delivery.body.trim();
        if (data !== "") delivery.ack();
      }
    }`],
  "newest of a batch, the older ones lost": ["reassigned", `
    export async function newest(): Promise<Delivery | undefined> {
      let newest: Delivery | undefined;
      for (const delivery of await queue.batch(10)) {
        if (newest === undefined || delivery.attempt > newest.attempt) newest = delivery;
        else delivery.nack("older");
      }
      return newest;
    }`],
  "saga that leaves its second transaction open": ["oneBranch", `
    export async function saga(lease: Lease): Promise<boolean> {
      const first = await begin(lease);
      const second = await begin(lease);
      giveBack(lease);
      if ((await first.run("a")).length > 0) {
        await first.commit();
        await second.commit();
        return true;
      }
      await first.rollback();
      return false;
    }`],
  "pair whose second take fails": ["oneBranch", `
    export async function pairUp(): Promise<[Lease, Lease] | undefined> {
      const a = await pool.take();
      try {
        return [a, await pool.take()];
      } catch (error) {
        log.error("second", error);
        return undefined;
      }
    }`],
  "filter that forgets the old": ["oneBranch", `
    export async function keepFresh(): Promise<Delivery[]> {
      const fresh: Delivery[] = [];
      for (const delivery of await queue.batch(10)) {
        if (delivery.attempt > 3) continue;
        fresh.push(delivery);
      }
      return fresh;
    }`],
  "batch mapped to its bodies": ["forgotten", `
    export async function bodies(): Promise<string[]> {
      const batch = await queue.batch(5);
      return batch.map((delivery) => delivery.body);
    }`],
  "pair closed on one branch": ["oneBranch", `
    export async function route(flag: boolean): Promise<void> {
      const { reader, writer } = await openPair();
      if (flag) { await reader.close(); return; }
      await writer.close();
      await reader.close();
    }`],
  "pair that is only measured": ["forgotten", `
    export async function size(): Promise<number> {
      const pair = await openPair();
      return (await pair.reader.read(10))?.length ?? 0;
    }`],
  "nested file of Promise.all": ["omitted", `
    export async function nested(): Promise<void> {
      const [{ reader }, file] = await Promise.all([openPair(), openFile("x")]);
      await Promise.all([reader.close(), file.close()]);
    }`],
  "files opened in parallel and thrown away": ["discarded", `
    export async function warm(): Promise<void> {
      await Promise.all([openFile("a"), openFile("b")]);
    }`],
  "recursion that forgets": ["dropped", `
    export async function drain(): Promise<void> {
      const delivery = await queue.receive();
      if (delivery === undefined) return;
      log.info(delivery.body);
      return drain();
    }`],
  "finally that gives back the wrong one": ["dropped usedTwice", `
    export async function outer(): Promise<void> {
      const a = await pool.take();
      const b = await pool.take();
      try {
        await Promise.all([countRows(a), countRows(b)]);
      } finally {
        giveBack(a);
        giveBack(a);
      }
    }`],
  "event that outlives its lease": ["usedTwice", `
    declare function record(event: { lease: Lease; alive: boolean }): void;
    export async function observe(): Promise<void> {
      const lease = await pool.take();
      record({ lease, alive: isAlive(lease) });
      giveBack(lease);
    }`],
  "nack in a catch after the ack in the try": ["usedTwice", `
    export async function once(): Promise<void> {
      const delivery = await queue.receive();
      if (!delivery) return;
      try {
        delivery.ack();
        await handle(delivery.body);
      } catch {
        delivery.nack();
      }
    }`],
  "session built from a lease that was given back": ["usedTwice", `
    class Session { constructor(readonly lease: Lease) {} }
    export async function session(): Promise<Session> { const lease = await pool.take(); giveBack(lease); return new Session(lease); }`],
  "bracket that gives back before it lends": ["usedTwice", `
    /** @borrows body */
    export async function withLease<T>(body: (lease: Lease) => Promise<T>): Promise<T> {
      const lease = await pool.take();
      giveBack(lease);
      return body(lease);
    }`],
  "retrying bracket that keeps the failed": ["oneBranch", `
    /** @borrows body */
    export async function retrying<T>(body: (lease: Lease) => Promise<T>): Promise<T> {
      for (;;) {
        const lease = await pool.take();
        try {
          const result = await body(lease);
          giveBack(lease);
          return result;
        } catch (error) {
          log.error("again", error);
        }
      }
    }`],
  "hook that takes what is lent to it": ["borrowed", `
    interface Hooks { /** @borrows lease */ onLease(lease: Lease): void }
    export const hooks: Hooks = { onLease(lease) { giveBack(lease); } };`],
  "manual iteration without an ack": ["dropped", `
    export async function manual(): Promise<void> {
      const first = await queue.receive();
      const second = await queue.receive();
      first?.ack();
      log.info(second?.body ?? "none");
    }`],
  "cached file that is overwritten": ["reassigned", `
    export async function reopen(path: string): Promise<FileHandle> {
      let file = await openFile(path);
      if ((await file.read(1)) === undefined) file = await openFile(path);
      return file;
    }`],
  "interval that closes each time": ["captured", `
    declare function setInterval(work: () => void, ms: number): number;
    export async function poll(path: string): Promise<number> {
      const file = await openFile(path);
      return setInterval(() => { void file.close(); }, 1_000);
    }`],
  "lease behind a flag that nobody reads": ["oneBranch", `
    export async function flagged(): Promise<void> {
      const lease = await pool.take();
      let broken = false;
      try {
        await countRows(lease);
      } catch {
        broken = true;
      }
      if (broken) await discard(lease);
    }`],
  "lease in a log line": ["discarded", `
    export async function debug(): Promise<void> {
      log.info("lease", await pool.take());
    }`],
  "tx kept in a map and committed": ["usedTwice", `
    const open = new Map<string, Tx>();
    export async function start(lease: Lease): Promise<void> {
      const tx = await begin(lease);
      giveBack(lease);
      open.set(tx.id, tx);
      await tx.commit();
    }
    export const end = (id: string): Promise<void> | undefined => open.get(id)?.rollback();`],
  "effects: a send as the condition of a loop": ["unperformed", `
    export function* quorum(peers: readonly string[]) {
      for (const peer of peers) if (Net.send(peer, new Uint8Array(0))) yield* Clock.sleep(1);
      return true;
    }`],
  "effects: a variable that is only tested": ["unperformed", `
    export function* broadcast(peers: readonly string[]) {
      for (const peer of peers) {
        const sent = Net.send(peer, new Uint8Array(1));
        if (sent) log.info("sent to", peer);
      }
      yield* Clock.sleep(1);
    }`],
  "effects: awaited": ["unperformedInAsync", `
    export async function main(): Promise<void> {
      await Clock.sleep(5);
    }`],
  "effects: returned from a generator": ["unperformed", `
    export function* now() {
      yield* Clock.sleep(5);
      return Clock.now();
    }`],
  "effects: made in an async function": ["unperformedInAsync", `
    export async function main(clock: { sleep(ms: number): Promise<void> }): Promise<void> {
      Clock.sleep(5);
      await clock.sleep(5);
    }`],
  "effects: returned from an async arrow": ["unperformedInAsync", `
    export const main = async () => Clock.sleep(5);`],
  "effects: returned from an async function": ["unperformedInAsync", `
    export async function main(clock: { sleep(ms: number): Promise<void> }) {
      await clock.sleep(5);
      return Net.receive();
    }`],
};
