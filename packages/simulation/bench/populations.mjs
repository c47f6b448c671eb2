/** The cost of memory: the program of ten thousand nodes with fewer and more nodes, beside the bare heap. */
import { compare } from "../../../scripts/measure.mjs";
import { tenThousand, tenThousandByHand } from "./simulator.mjs";

for (const many of [300, 1_000, 2_500, 5_000, 10_000, 20_000]) {
  const { ours, floor } = await compare(5, "higher", () => tenThousand(many), () => tenThousandByHand(many));
  const [here, heap] = [ours, floor].map((events) => (events / 1e6).toFixed(2));
  process.stdout.write(`${many} nodes: ${here} million events/CPU-s; a bare heap of callbacks: ${heap}\n`);
}
