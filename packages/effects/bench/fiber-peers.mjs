/**
 * The peers of the fibers' bench: programs that perform many operations with immediate answers, in well-known libraries.
 * Each is written as in the library's guide, and in the fastest form that still goes through the library. The floors are
 * loops that do less, without any library.
 */
import { peer } from "../../../scripts/measure.mjs";

export const OPERATIONS = 200_000;
const one = () => 1;

/** Floors: a loop each, as fast as the engine runs it. */
export const floors = {
  "yield* of an iterator that always gives the same": () => {
    const done = { done: true, value: 1 };
    class Constant {
      [Symbol.iterator]() {
        return this;
      }
      next() {
        return done;
      }
    }
    const constant = new Constant();
    function* program() {
      let sum = 0;
      for (let at = 0; at < OPERATIONS; at += 1) sum += yield* constant;
      return sum;
    }
    return () => program().next();
  },
  "yield and next": () => {
    function* program() {
      let sum = 0;
      for (let at = 0; at < OPERATIONS; at += 1) sum += yield at;
      return sum;
    }
    return () => {
      const running = program();
      let step = running.next();
      while (!step.done) step = running.next(1);
    };
  },
  "the clause by two arrays, without a generator": () => () => {
    const entries = [0, 1].map(() => ({ handler: {}, clauses: [one, one] }));
    let sum = 0;
    for (let at = 0; at < OPERATIONS; at += 1) {
      const { handler, clauses } = entries[at & 1];
      sum += clauses[at & 1].call(handler);
    }
    return sum;
  },
};

/** Peers: the library, the form, and the promised ratio. */
export const peers = [
  {
    library: "effect",
    form: "a service that is fetched once, Effect.sync",
    bar: 4,
    make: async () => effectProgram((Effect) => () => Effect.sync(one)),
  },
  {
    library: "effect",
    form: "a service that is fetched once, Effect.succeed",
    bar: 3,
    make: async () => effectProgram((Effect) => () => Effect.succeed(one())),
  },
  {
    library: "effection",
    form: "a service from its context each time",
    bar: 30,
    make: async () => {
      const { createContext, run } = await peer(() => import("effection"));
      const service = createContext("clock");
      return () =>
        run(() =>
          service.with({ now: one }, function* () {
            let sum = 0;
            for (let at = 0; at < OPERATIONS; at += 1) sum += (yield* service.expect()).now();
            return sum;
          }),
        );
    },
  },
  {
    library: "effection",
    form: "call(function)",
    bar: 15,
    make: async () => {
      const { call, run } = await peer(() => import("effection"));
      return () =>
        run(function* () {
          let sum = 0;
          for (let at = 0; at < OPERATIONS; at += 1) sum += yield* call(one);
          return sum;
        });
    },
  },
  {
    library: "redux-saga",
    form: "a service from its context each time",
    bar: 3,
    make: async () => sagaProgram(({ getContext }) => function* () {
      let sum = 0;
      for (let at = 0; at < OPERATIONS; at += 1) sum += (yield getContext("clock")).now();
      return sum;
    }),
  },
  {
    library: "redux-saga",
    form: "call(function)",
    bar: 3,
    make: async () => sagaProgram(({ call }) => function* () {
      let sum = 0;
      for (let at = 0; at < OPERATIONS; at += 1) sum += yield call(one);
      return sum;
    }),
  },
];

async function effectProgram(now) {
  const { Context, Effect } = await peer(() => import("effect"));
  class Clock extends Context.Service()("bench/clock") {}
  const program = Effect.gen(function* () {
    const clock = yield* Clock;
    let sum = 0;
    for (let at = 0; at < OPERATIONS; at += 1) sum += yield* clock.now();
    return sum;
  });
  return () => Effect.runSync(Effect.provideService(program, Clock, { now: now(Effect) }));
}

async function sagaProgram(saga) {
  const { runSaga } = await peer(() => import("redux-saga"));
  const program = saga(await peer(() => import("redux-saga/effects")));
  return () => runSaga({ dispatch: () => undefined, getState: () => undefined, context: { clock: { now: one } } }, program).toPromise();
}
