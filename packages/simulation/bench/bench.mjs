/** The simulator beside a bare heap of callbacks, and beside other virtual clocks (`simulator.mjs`). */
import { writeFileSync } from "node:fs";
import { compare, resultRows } from "../../../scripts/measure.mjs";
import { fakeTimers, fiveByHand, fiveGossiping, sleepers, tenThousand, tenThousandByHand, testClock } from "./simulator.mjs";

const COMMAND = "npm run bench -w packages/simulation";
const { rows, row } = resultRows(COMMAND);

row(
  "simulator, five gossiping nodes with timers and disks",
  "events/CPU-s",
  "higher",
  await compare(5, "higher", fiveGossiping, fiveByHand),
  "a bare heap of callbacks",
  0.05
);
row(
  "simulator, 10,000 nodes of a message handler each",
  "events/CPU-s",
  "higher",
  await compare(5, "higher", tenThousand, tenThousandByHand),
  "a bare heap of callbacks",
  0.4
);
for (const [name, version, found, bar] of [
  ["@sinonjs/fake-timers, next()", "15.5.0", await fakeTimers(), 2],
  ["effect TestClock, adjust(1)", "4.1.0", await testClock(), 40],
]) {
  if (!found) process.stdout.write(`${name} is not installed: no row (npm run bench installs it)\n`);
  else {
    const compared = await compare(5, "higher", sleepers, found);
    row(`simulator, 1,000 sleepers, beside ${name}`, "events/CPU-s", "higher", compared, name, bar, version);
  }
}

writeFileSync(new URL("results.json", import.meta.url), `${JSON.stringify(rows, null, 2)}\n`);
