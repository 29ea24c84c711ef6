import {
  type CountOverTimeResponse,
  CountOverTimeResponseSchema,
} from "../../../../gen/obsvty/v1/query_pb.ts";
import { type ItemKind, itemSignals } from "../../../domain/item-kind.ts";
import { signalTraits } from "../../../domain/signal.ts";
import { fromNanos, toNanos } from "../../api/proto-time.ts";
import { countFlag } from "../../flags/count-flag.ts";
import { flagDefaults } from "../../flags/defaults.ts";
import type { FlagValues } from "../../flags/filter-flags.ts";
import { itemFilter } from "../../flags/filter-request.ts";
import { timePiece } from "../../output/clock-time.ts";
import { gap, line, type Piece, type View, widthOf } from "../../output/line.ts";
import { figure } from "../../output/table.ts";
import type { CommandContext } from "../command-context.ts";
import { answerMs, within } from "../deadline.ts";
import { figuresAsked, groupText, sayLeftOut } from "./figures.ts";

/** Prints how many items match at what time. */
export async function count(what: ItemKind, flags: FlagValues, context: CommandContext): Promise<number> {
  const { client, output } = context;
  const buckets = countFlag("buckets", flags.buckets as string | undefined) ?? flagDefaults.buckets;
  const request = { filter: itemFilter(what, flags), buckets, ...figuresAsked(flags) };
  const answer = await within(answerMs, context, (abort) => client.countOverTime(request, { signal: abort }));
  const noun = signalTraits[itemSignals[what]].itemNoun.one;
  if (output.isText) {
    await output.lines(histogramLines(answer, output.view));
    if (answer.untimed > 0) output.say(`${figure(answer.untimed)} of them without a time`);
  } else {
    await output.json(CountOverTimeResponseSchema, [answer]);
  }
  sayLeftOut(answer, noun, output);
  return 0;
}

const barColumns = 40;

/** For each group a histogram: a line for each step of time, with a bar. */
function* histogramLines(answer: CountOverTimeResponse, view: View): Generator<string, void, undefined> {
  const { startTime, step, groups } = answer;
  if (startTime === undefined || step === undefined) {
    yield answer.matched === 0 ? "nothing matched" : `${figure(answer.matched)} matched`;
    return;
  }
  const start = toNanos(startTime);
  const stepNano = toNanos(step);
  const digits = digitsOf(stepNano);
  const most = groups.reduce((max, { counts }) => counts.reduce((a, b) => Math.max(a, b), max), 1);
  const figureColumns = figure(most).length;
  for (const [i, group] of groups.entries()) {
    if (Object.keys(group.group).length > 0) {
      if (i > 0) yield "";
      yield line([{ text: groupText(group), style: "bold" }, gap(2), { text: figure(group.count) }], view);
    }
    for (const [at, items] of group.counts.entries()) {
      const time = timePiece(fromNanos(start + stepNano * BigInt(at)), view, digits);
      const text = figure(items);
      const pieces: Piece[] = [time, gap(2 + figureColumns - text.length), { text }];
      const room = Math.max(0, Math.min(barColumns, view.columns - widthOf(pieces) - 2));
      yield line([...pieces, ...barOf(items / most, room)], view);
    }
  }
}

/** How many digits of a second tell the steps apart. */
function digitsOf(stepNano: bigint): number {
  if (stepNano % 1_000_000n === 0n) return 3;
  return stepNano % 1_000n === 0n ? 6 : 9;
}

function barOf(part: number, columns: number): Piece[] {
  if (part === 0) return [];
  return [gap(2), { text: "━".repeat(Math.max(1, Math.round(part * columns))), style: "cyan" }];
}
