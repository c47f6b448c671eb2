import { ImportError, MissingPeerError } from "./import-error.ts";

/**
 * The rows of CSV text, by the package csv-parse: an optional peer dependency, which is loaded here and nowhere else.
 *
 * @throws {@link MissingPeerError} if csv-parse is not installed.
 * @throws {@link ImportError} for text that is no CSV, or rows of unequal length.
 */
export async function readCsv(text: string): Promise<readonly (readonly string[])[]> {
  const { parse } = await import("csv-parse/sync").catch((cause: unknown) => {
    throw new MissingPeerError("csv-parse", cause);
  });
  try {
    // Without `columns`, csv-parse answers with an array of rows of texts.
    return parse(text, { bom: true, relaxColumnCount: false, skipEmptyLines: true }) as string[][];
  } catch (cause) {
    throw new ImportError("comma-separated values with rows of equal length", undefined, cause);
  }
}
