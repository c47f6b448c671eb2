/** Prints what `is` of the record costs in this process, in CPU ns: started with and without leave to make code from strings. */
import { inTurn } from "./measure.mjs";
import { Rec, right, verdicts } from "./record.mjs";

const TURNS = 500_000;
const { is } = inTurn({ is: { work: verdicts((value) => Rec.is(value), right, true, TURNS), turns: TURNS } });
process.stdout.write(String(is));
