import { expect, test } from "vitest";
import { type Core, host, type Lsn, lsn, memoryHub, type Output, peerId, platformWorld } from "../src/index.ts";

const b = peerId("b");
class Counter implements Core<number, number, number, number> {
  last = 0;
  restore(): void {}
  recover(at: Lsn): void { this.last = at; }
  start(): readonly Output<number, number, number>[] { return []; }
  step(input: Parameters<Core<number, number, number, number>["step"]>[0]): readonly Output<number, number, number>[] {
    if (input.type === "request") {
      const at = lsn(++this.last);
      return [{ type: "append", lsn: at, record: input.request }, { type: "send", to: [b, peerId("a")], message: input.request, after: at }];
    }
    if (input.type === "message") return [{ type: "deliver", value: input.message }];
    return [];
  }
}
const wire = {
  seal: (m: number): Uint8Array => new Uint8Array([m]),
  open: (_f: unknown, frame: Uint8Array, accept: (m: never) => void): void => accept(frame[0] as never),
};
const records = { encode: (r: number) => new Uint8Array([r]), decode: (x: Uint8Array) => ({ ok: true as const, value: x[0]! }) };

test("a pair", async () => {
  const hub = memoryHub();
  const got: string[] = [];
  await new Promise<void>((resolve, reject) => {
    const start = (name: string) => host({
      world: platformWorld({ network: hub.join(peerId(name)) }), name: "x", core: new Counter(), wire, records,
      deliver: (v) => { got.push(`${name}${v}`); if (got.length === 4) resolve(); }, fatal: reject,
    });
    const a = start("a"); start("b");
    a.submit(1); a.submit(2);
  });
  expect(got.toSorted()).toEqual(["a1", "a2", "b1", "b2"]);
});
