import { memoryDisk } from "../portable/memory-disk.ts";
import { platformClock } from "../portable/platform.ts";
import type { Clock, Disk, OpenedBlobs, Recovered } from "../world.ts";
import { handlerOf } from "./scope.ts";

/**
 * Handles the effect of durable logs and blobs. It is a `Disk`, so a driver's World can use the same object.
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
  /** Name of the handled effect. */
  readonly effect = "disk";
  readonly #disk: Disk;

  /**
   * `"mock"` keeps both in memory and calls back by `clock`. Any other disk may be given, such as `directoryDisk` of
   * `@void-system/effects/node`.
   */
  constructor(disk: "mock" | Disk, clock: Pick<Clock, "schedule"> = platformClock()) {
    this.#disk = disk === "mock" ? memoryDisk(clock) : disk;
  }

  open(name: string, done: (opened: Recovered | Error) => void): void {
    this.#disk.open(name, done);
  }

  openBlobs(name: string, done: (opened: OpenedBlobs | Error) => void): void {
    this.#disk.openBlobs(name, done);
  }
}

/**
 * Opens a durable log with the disk handler in force. The promise rejects with the disk's error. A program in a simulated
 * world performs `Disk.open` of `@void-system/effects/world` instead, because promises do not work there.
 *
 * @throws {@link UnhandledEffectError} when no disk handler is in force.
 */
export function openLog(name: string): Promise<Recovered> {
  const disk = handlerOf("disk", "openLog()", 'new DiskHandler("mock")');
  return new Promise((resolve, reject) => {
    disk.open(name, (opened) => (opened instanceof Error ? reject(opened) : resolve(opened)));
  });
}
