import { memoryDisk } from "../portable/memory-disk.ts";
import { platformClock } from "../portable/platform.ts";
import type { Clock, Disk, Recovered } from "../world.ts";
import { handlerOf } from "./scope.ts";

/**
 * Answers the effect of durable logs; it is a `Disk`, so a driver's World can have the very same one.
 *
 * @example
 * ```ts
 * import { DiskHandler, openLog, withHandlers } from "@void-system/effects";
 *
 * const { fresh } = await withHandlers([new DiskHandler("mock")], () => openLog("votes"));
 * fresh; // => true
 * ```
 */
export class DiskHandler implements Disk {
  /** The effect that it answers. */
  readonly effect = "disk";
  readonly #disk: Disk;

  /**
   * `"mock"`: logs in memory, which answer by `clock`; or any other disk, such as `directoryDisk` of
   * `@void-system/effects/node`.
   */
  constructor(disk: "mock" | Disk, clock: Pick<Clock, "schedule"> = platformClock()) {
    this.#disk = disk === "mock" ? memoryDisk(clock) : disk;
  }

  open(name: string, done: (opened: Recovered | Error) => void): void {
    this.#disk.open(name, done);
  }
}

/**
 * Opens a durable log by the disk handler around. A promise: for public faces; a program in a simulated world performs
 * `Disk.open` of `@void-system/effects/world`.
 *
 * @throws {@link UnhandledEffectError} when there is none; rejects with what the disk answers.
 */
export function openLog(name: string): Promise<Recovered> {
  const disk = handlerOf("disk", "openLog()", 'new DiskHandler("mock")');
  return new Promise((resolve, reject) => {
    disk.open(name, (opened) => (opened instanceof Error ? reject(opened) : resolve(opened)));
  });
}
