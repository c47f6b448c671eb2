import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type ChartEvent,
  chartOf,
  type ChartOptions,
  chartSvg,
  chartText,
  frameLabel,
  sequenceChart,
} from "../src/index.ts";

const text = (content: string): Uint8Array => new TextEncoder().encode(content);

function events(...given: (Partial<ChartEvent> & { kind: string })[]): ChartEvent[] {
  return given.map((one, index) => ({
    event: index + 1,
    atMs: index * 1.5,
    node: undefined,
    peer: undefined,
    bytes: undefined,
    cause: index,
    note: "",
    ...one,
  }));
}

const run = events(
  { kind: "start", node: "a" },
  { kind: "start", node: "b" },
  { kind: "start", node: "c" },
  { kind: "link", node: "a", peer: "b", note: "up" },
  { kind: "frame", node: "b", peer: "a", bytes: text("put x"), cause: 4 },
  { kind: "disk", node: "b", note: "sync" },
  { kind: "frame", node: "c", peer: "a", bytes: text("put x"), cause: 4, note: "lost" },
  { kind: "timer", node: "c" },
  { kind: "fault", note: "crash b" },
  { kind: "timer", node: "a" },
  { kind: "frame", node: "a", peer: "c", bytes: Uint8Array.of(1, 2, 255), cause: 8 }
);
const options: ChartOptions = {
  title: "lost <update>",
  operations: [
    { client: "c0", op: "put", key: "x", input: 1, output: undefined, invokedAtMs: 4, returnedAtMs: 7 },
    { client: "c1", op: "get", key: "x", input: undefined, output: 0, invokedAtMs: 14.9, returnedAtMs: undefined },
  ],
  failure: "violation of linearizable",
};

describe("text", () => {
  test("has a line for each event", () => {
    expect(chartText(sequenceChart(run, options))).toMatchInlineSnapshot(`
      "lost <update>
      event       ms  a        b        c
          1    0.000  o        :        :        a starts
          2    1.500  |        o        :        b starts
          3    3.000  |        |        o        c starts
               4.000  |        |        |        c0 asks: put x 1
          4    4.500  ~        |        |        a: link to b up
          5    6.000  |------->|        |        b gets "put x" from a
               7.000  |        |        |        c0 gets: put x
          6    7.500  |        d        |        b: disk sync
          7    9.000  |--------x--------|        "put x" from a to c is lost
          8   10.500  |        |        t        c: timer
          9   12.000  |        X        |        fault: crash b
         10   13.500  t        :        |        a: timer
              14.900  |        :        |        c1 asks: get x
         11   15.000  |<----------------|        a gets 3 bytes (01 02 ff) from c
       FAIL   15.000  |        :        |        violation of linearizable"
    `);
  });

  test("shows numbers without the noise of binary fractions", () => {
    const operations = [{ ...options.operations![0]!, output: { at: 186.082 + 72.551, n: 7 } }];
    expect(chartText(sequenceChart(run, { operations }))).toContain('{"at":258.633,"n":7}');
  });

  test("shows only the last events of a long run", () => {
    const lines = chartText(sequenceChart(run, { eventsMax: 2 })).split("\n");
    expect(lines).toEqual([
      "event       ms  a        b        c",
      "  ...  9 earlier events",
      "   10   13.500  t        :        |        a: timer",
      "   11   15.000  |<----------------|        a gets 3 bytes (01 02 ff) from c",
    ]);
  });
});

describe("a chart", () => {
  test("may leave out the links", () => {
    const lines = chartText(sequenceChart(run, { links: false })).split("\n");
    expect(lines).toHaveLength(11);
    expect(lines.join()).not.toContain("link to");
    const omitting = sequenceChart(run, { links: false, eventsMax: 9 });
    expect([omitting.omitted, omitting.rows.length]).toEqual([1, 9]);
  });

  test("does not say of a frame that waits that its receiver gets it", () => {
    const held = events(
      { kind: "start", node: "a" },
      { kind: "start", node: "b" },
      { kind: "frame", node: "b", peer: "a", bytes: text("x"), note: "clogged" },
      { kind: "frame", node: "b", peer: "a", bytes: text("x") }
    );
    expect(chartText(sequenceChart(held)).split("\n").slice(-2)).toEqual([
      '    3    3.000  |---=----|        "x" from a waits for b (clogged)',
      '    4    4.500  |------->|        b gets "x" from a',
    ]);
    expect(chartSvg(sequenceChart(held)).match(/<polygon /g)).toHaveLength(1);
  });

  test("numbers its events without gaps, also where a fault ends a node", () => {
    const { result, chart } = chartOf(
      () => ({ nodes: { a: ({ clock }) => void clock.schedule(1, () => undefined), b: () => undefined }, until: 20 }),
      { seed: 1, faults: [{ kind: "crash", atMs: 5, forMs: 5, node: "a" }], decisions: [], omitted: [], calm: [], forks: [] }
    );
    const numbered = chart.rows.filter(({ event }) => event > 0);
    expect(numbered.map(({ event }) => event)).toEqual(Array.from({ length: result.events }, (_, at) => at + 1));
    const at = numbered.findIndex(({ text: said }) => said === "fault: crash a");
    expect(numbered[at + 1]).toMatchObject({ text: "a ends", atMs: 5, up: [false, true] });
    expect(result.trace[at + 1]).toMatchObject({ kind: "crash", node: "a", cause: at + 1 });
  });
});

describe("SVG", () => {
  test("has a sloping arrow for each message, and a cross for a lost one", () => {
    const svg = chartSvg(sequenceChart(run, options));
    expect(svg.match(/<polygon /g)).toHaveLength(2);
    expect(svg.match(/<path /g), "one lost, one end").toHaveLength(2);
    expect(svg).toContain("lost &lt;update&gt;");
    expect(svg).toContain("violation of linearizable");
  });

  test("no text of a run becomes markup", () => {
    const nasty = fc.constantFrom(
      "<script>alert(1)</script>",
      `"/><a onload='x'>`,
      "&lt;",
      "\u0000\uD800\u001B[31m",
      "]]>"
    );
    fc.assert(
      fc.property(nasty, nasty, nasty, (node, note, said) => {
        const svg = chartSvg(
          sequenceChart(
            events(
              { kind: "start", node, note },
              { kind: note, node, note },
              { kind: "frame", node, peer: said, bytes: text(said), note }
            ),
            {
              title: said,
              failure: note,
              operations: [
                { client: node, op: said, key: note, input: said, output: note, invokedAtMs: 0, returnedAtMs: 1 },
              ],
            }
          )
        );
        const rest = svg.replaceAll(
          /<(\/?)(svg|title|rect|text|line|circle|polygon|path)(?: [a-zA-Z:0-9-]+="[^"<>]*")*\/?>/g,
          ""
        );
        expect(rest).not.toMatch(/[<>]/);
        // oxlint-disable-next-line no-control-regex
        expect(svg).not.toMatch(/[\u0000-\u0008\u001B]|\p{Cs}/u);
        expect(svg).not.toMatch(/ on[a-z]+="/);
      })
    );
  });
});

test("printable frames are shown as text", () => {
  expect(frameLabel(text("vote 7"))).toBe('"vote 7"');
  expect(frameLabel(new Uint8Array())).toBe("0 bytes");
  expect(frameLabel(new Uint8Array(9))).toBe("9 bytes (00 00 00 00 00 00 00 00 …)");
  expect(frameLabel(text("x".repeat(100)))).toHaveLength(63);
});
