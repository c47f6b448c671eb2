import { SchedulerError } from "../errors.ts";

/** When this is thrown, a text is not what its format asks for, or the package that reads it is not there. */
export class ImportError extends SchedulerError {
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_IMPORT", message, options);
  }
}

/** A row of a table: texts by column. */
export type Row = Readonly<Record<string, string>>;
