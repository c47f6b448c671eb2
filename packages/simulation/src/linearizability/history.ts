import { HistoryError } from "../errors.ts";

/**
 * One operation of a client, as seen by the client. Times are of one clock, in any unit. Operations that return at the
 * very time at which others begin count as concurrent.
 */
export interface Operation<Input, Output> {
  /** The client that issued it. */
  readonly client: string;
  /** Object of the operation, one of several independent ones. Either all operations name one, or none does. */
  readonly key?: string;
  /** The request. */
  readonly input: Input;
  /** Answer. Ignored without `returnedAt`. */
  readonly output?: Output | undefined;
  /** Time of the call. */
  readonly invokedAt: number;
  /**
   * Time of the return. Undefined: the outcome is unknown, and the operation may still take effect. An operation that
   * is known not to have happened does not belong in a history.
   */
  readonly returnedAt: number | undefined;
}

/**
 * Operations prepared for a search: calls and returns in order of time, and the open operations at each return.
 * Operations whose outcome is unknown never return.
 */
export interface Timeline<Input, Output> {
  /** Operations by the time of their call. */
  readonly operations: readonly Operation<Input, Output>[];
  /** Calls and returns in order of time: `2 * operation` for a call, `2 * operation + 1` for a return. */
  readonly events: Int32Array;
  /** Bit of each operation in a set of operations. Bits are used again once an operation has returned. */
  readonly bits: Int32Array;
  /** Number of bits. */
  readonly width: number;
  /** Open operations that will return, for each return: the returning one first, then by their return. */
  readonly open: readonly (readonly number[])[];
  /** Operations that never return, by their call. */
  readonly pending: readonly number[];
  /** Number of `pending` operations that were called before each event. */
  readonly pendingBefore: Int32Array;
}

/**
 * Splits a history by key, in the order in which keys appear.
 *
 * @throws {@link HistoryError} when some operations have a key and others have none, or when times are impossible.
 */
export function partition<Input, Output>(
  history: readonly Operation<Input, Output>[]
): Map<string | undefined, Operation<Input, Output>[]> {
  const parts = new Map<string | undefined, Operation<Input, Output>[]>();
  for (const [index, operation] of history.entries()) {
    const { invokedAt, returnedAt, key } = operation;
    if (!Number.isFinite(invokedAt) || (returnedAt !== undefined && !(returnedAt >= invokedAt)))
      throw new HistoryError(
        "each operation returns at or after its call",
        `operation ${index} from ${invokedAt} to ${returnedAt}`
      );
    const part = parts.get(key);
    if (part) part.push(operation);
    else parts.set(key, [operation]);
  }
  if (parts.size > 1 && parts.has(undefined))
    throw new HistoryError("either every operation has a key or none has", "some with and some without");
  return parts;
}

/** Lays out the operations of one object. */
export function timeline<Input, Output>(history: readonly Operation<Input, Output>[]): Timeline<Input, Output> {
  const operations = [...history].sort((one, other) => one.invokedAt - other.invokedAt);
  const events = Int32Array.from(orderedEvents(operations));
  const bits = new Int32Array(operations.length);
  const free: number[] = [];
  const open: number[] = [];
  const openAt: number[][] = [];
  const pending: number[] = [];
  const pendingBefore = new Int32Array(events.length + 1);
  let width = 0;
  for (const [at, event] of events.entries()) {
    const operation = event >> 1;
    pendingBefore[at] = pending.length;
    openAt.push([]);
    if (event % 2 === 0) {
      bits[operation] = free.pop() ?? width++;
      if (operations[operation]?.returnedAt === undefined) pending.push(operation);
      else insertByReturn(open, operation, operations);
    } else {
      openAt[at] = [...open];
      open.splice(open.indexOf(operation), 1);
      free.push(bits[operation] ?? 0);
    }
  }
  pendingBefore[events.length] = pending.length;
  return { operations, events, bits, width, open: openAt, pending, pendingBefore };
}

/** Orders calls and returns. Calls come before returns of the same time, which makes them concurrent. */
function orderedEvents<Input, Output>(operations: readonly Operation<Input, Output>[]): number[] {
  const events: { readonly time: number; readonly event: number }[] = [];
  for (const [index, { invokedAt, returnedAt }] of operations.entries()) {
    events.push({ time: invokedAt, event: 2 * index });
    if (returnedAt !== undefined) events.push({ time: returnedAt, event: 2 * index + 1 });
  }
  events.sort((one, other) => one.time - other.time || (one.event % 2) - (other.event % 2) || one.event - other.event);
  return events.map(({ event }) => event);
}

function insertByReturn<Input, Output>(
  open: number[],
  added: number,
  operations: readonly Operation<Input, Output>[]
): void {
  const returns = (operation: number): number => operations[operation]?.returnedAt ?? Infinity;
  let at = open.length;
  while (at > 0 && returns(open[at - 1] ?? 0) > returns(added)) at -= 1;
  open.splice(at, 0, added);
}
