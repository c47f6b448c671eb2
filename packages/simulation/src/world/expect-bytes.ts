import { SimulationUseError } from "../errors.ts";
import { show } from "../scenario/shape.ts";

/**
 * Checks that a frame or a record consists of bytes. In JavaScript a text would travel as one here, and nowhere else.
 *
 * @throws {@link SimulationUseError} for anything but a `Uint8Array`.
 */
export function expectBytes(what: string, bytes: unknown): void {
  if (!(bytes instanceof Uint8Array)) throw new SimulationUseError(`${what} that is a Uint8Array`, show(bytes));
}
