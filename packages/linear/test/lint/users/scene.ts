/** Declarations for the programs of a user of the package. */
import { AffineResource, LinearContext, LinearResource } from "../../../src/index.ts";
export { AffineResource, LinearContext, LinearResource };
export interface Conn { query(sql: string): number }
export type R = LinearResource<Conn>;
export interface Handle { readonly "~linear": "exactly-once"; /** @consumes */ close(): void; read(): number }
export declare function acquire(): R;
export declare function acquireAsync(): Promise<R>;
export declare function open(): Handle;
export declare function release(r: R): void;
export declare function releaseAsync(r: R): Promise<void>;
/** @borrows r */
export declare function look(r: R): number;
export declare function work(): void;
export declare function workAsync(): Promise<void>;
export declare const c: boolean; export declare const n: number;
export interface Req { readonly body: string; on(e: string, f: () => void): void } export interface Res { send(x: unknown): void; status(k: number): Res }
export declare const app: { get(path: string, h: (req: Req, res: Res) => void | Promise<void>): void };
export declare function stream(): AsyncIterable<number>;
export type State = "idle" | "busy" | "done";
export declare const state: State;
