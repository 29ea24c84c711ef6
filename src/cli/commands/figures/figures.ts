import { countFlag } from "../../flags/count-flag.ts";
import { flagDefaults } from "../../flags/defaults.ts";
import type { FlagValues } from "../../flags/filter-flags.ts";
import { groupByFlag } from "../../flags/group-flag.ts";
import type { Output } from "../../output/output.ts";
import { counted } from "../../output/summary-line.ts";
import { figure } from "../../output/table.ts";
import { sayUnreadable } from "../left-out.ts";

/** What all commands that count ask for beside their filter. */
export function figuresAsked(flags: FlagValues, fallback?: string) {
  return {
    groupBy: groupByFlag(flags, fallback),
    limit: countFlag("limit", flags.limit as string | undefined) ?? flagDefaults.limit,
  };
}

/** The values of a group on one line. */
export function groupText({ group }: { readonly group: Readonly<Record<string, string>> }): string {
  const values = Object.values(group);
  return values.length === 0 ? "(all)" : values.map((value) => shortEnum(value) || "(none)").join("  ");
}

/** `SPAN_KIND_SERVER` as people read it in flags: server. */
function shortEnum(value: string): string {
  return /^(?:SPAN_KIND|STATUS_CODE|SEVERITY_NUMBER|METRIC_TYPE)_[A-Z0-9_]+$/.test(value)
    ? value
        .replace(/^(?:SPAN_KIND|STATUS_CODE|SEVERITY_NUMBER|METRIC_TYPE)_/, "")
        .toLowerCase()
        .replaceAll("_", "-")
    : value;
}

interface LeftOut {
  readonly leftOutGroups: number;
  readonly leftOut: number;
  readonly unreadable: bigint;
}

/** Says, in both formats, what the figures do not show. */
export function sayLeftOut(
  { leftOutGroups, leftOut, unreadable }: LeftOut,
  noun: string,
  output: Output,
): void {
  const text = leftOutText({ leftOutGroups, leftOut }, noun);
  if (text !== "") output.say(`left out ${text}; set --limit for more`);
  sayUnreadable(unreadable, noun, output);
}

export function leftOutText({ leftOutGroups, leftOut }: Omit<LeftOut, "unreadable">, noun: string): string {
  if (leftOutGroups === 0) return "";
  const items = counted(leftOut, noun).replace(/^\d+/, (digits) => figure(Number(digits)));
  return `${counted(leftOutGroups, "group")} with ${items}`;
}
