import { readdirSync, readFileSync } from "node:fs";

/** Where the benchmarks write their results. */
export const keptResults = new URL("../../test/bench/results/", import.meta.url);

/**
 * The newest kept result of a benchmark, and the name of its file.
 * @param prefix of the names of its results, which the date follows
 * @param isOne tells results of this benchmark from others that lie there with such a name
 * @throws Error when none is kept
 */
export function newestResult<Result>(
  prefix: string,
  isOne = (result: unknown): result is Result => result !== null,
  folder = keptResults,
): { readonly file: string; readonly result: Result } {
  const files = readdirSync(folder).filter(
    (name) => name.startsWith(prefix) && dated.test(name.slice(prefix.length)),
  );
  for (const file of files.sort().reverse()) {
    const result: unknown = JSON.parse(readFileSync(new URL(file, folder), "utf8"));
    if (isOne(result)) return { file, result };
  }
  throw new Error(`no result of a benchmark is kept in ${folder} as ${prefix}YYYY-MM-DD.json`);
}

const dated = /^\d{4}-\d\d-\d\d.*\.json$/;
