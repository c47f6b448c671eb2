/** The platform's `AbortSignal`, or its essentials where a program is compiled without the types of a platform. */
export type PlatformAbortSignal = typeof globalThis extends { readonly AbortSignal: { readonly prototype: infer Known } }
  ? Known
  : AbortSignalEssentials;

/** The part of an `AbortSignal` that this package uses. */
export interface AbortSignalEssentials {
  /** True once the signal is aborted. */
  readonly aborted: boolean;
  /** Adds a listener. */
  addEventListener(type: "abort", listener: () => void): void;
  /** Removes a listener. */
  removeEventListener(type: "abort", listener: () => void): void;
}
