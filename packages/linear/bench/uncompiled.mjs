/** Prints the cost of `is` of the record, in CPU ns. This process is started with code from strings allowed and forbidden. */
import { inTurn } from "./measure.mjs";
import { Rec, right, verdicts } from "./record.mjs";

const TURNS = 500_000;
const { is } = inTurn({ is: { work: verdicts((value) => Rec.is(value), right, true, TURNS), turns: TURNS } });
process.stdout.write(String(is));
