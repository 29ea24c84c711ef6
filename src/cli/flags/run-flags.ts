import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import type { ItemKind } from "../../domain/item-kind.ts";
import { flagDefaults } from "./defaults.ts";
import { durationFlag } from "./duration.ts";
import type { FlagValues } from "./filter-flags.ts";
import { UsageError } from "./usage-error.ts";

/** Items that a command is expected to send. */
export interface Expectation {
  /** The flag, with its dashes. */
  readonly flag: string;
  /** The value of the flag as it was typed. */
  readonly given: string;
  readonly kind: ItemKind;
  /** A filter as the API's JSON has it. The server has yet to judge it, as it has the count. */
  readonly filter: JsonObject;
  readonly minCount: JsonValue;
}

export interface RunOptions {
  readonly expectations: readonly Expectation[];
  readonly failOnError: boolean;
  readonly follow: boolean;
  /** Where all that came is written to. */
  readonly save: string | undefined;
  /** How long to wait, after the command has ended, for what is expected and for exports under way. */
  readonly waitMs: number;
}

/** The flags of expectations, and the field of a filter that a plain text stands for. */
const expecting = [
  { flag: "expect-span", values: "expectSpan", kind: "spans", field: "name" },
  { flag: "expect-log", values: "expectLog", kind: "logs", field: "bodyContains" },
  { flag: "expect-metric", values: "expectMetric", kind: "metrics", field: "name" },
] as const;

/** @throws UsageError that names a flag */
export function runOptions(flags: FlagValues): RunOptions {
  const elsewhere = ["endpoint", "ca", "cert", "key"].find((name) => flags[name] !== undefined);
  if (elsewhere !== undefined) {
    throw new UsageError(`--${elsewhere}: run starts a receiver of its own, and calls no other server`);
  }
  if (flags.save === "" || flags.save === "-") throw new UsageError("--save: must be the name of a file");
  return {
    expectations: expecting.flatMap(({ flag, values, kind, field }) =>
      ((flags[values] ?? []) as readonly string[]).map((given) => ({
        flag: `--${flag}`,
        given,
        kind,
        ...expected(flag, given, field),
      })),
    ),
    failOnError: flags.failOnError === true,
    follow: flags.follow === true,
    save: flags.save as string | undefined,
    waitMs: Number(durationFlag("wait", String(flags.wait ?? flagDefaults.runWait))) / 1e6,
  };
}

function expected(flag: string, given: string, field: string): Pick<Expectation, "filter" | "minCount"> {
  if (given === "") throw new UsageError(`--${flag}: must not be empty`);
  if (!given.trimStart().startsWith("{")) return { filter: { [field]: given }, minCount: 1 };
  let json: JsonObject;
  try {
    json = JSON.parse(given) as JsonObject;
  } catch {
    throw new UsageError(`--${flag}: begins with { and is not JSON, as in '{"${field}":"...","minCount":2}'`);
  }
  const { minCount = 1, ...filter } = json;
  return { filter, minCount };
}
