import { type OutlineSpan, OutlineSpanSchema } from "../../../../gen/obsvty/v1/query_pb.ts";
import { dateAndTime } from "../../output/clock-time.ts";
import { gap, line, type Piece, spaced, type View, widthOf } from "../../output/line.ts";
import { durationText } from "../../output/span-line.ts";
import { counted, countPieces } from "../../output/summary-line.ts";
import { servicePiece } from "../../output/value-text.ts";
import type { CommandContext } from "../command-context.ts";
import { answerMs, within } from "../deadline.ts";
import { sayUnreadable } from "../left-out.ts";

/** Bytes of an answer, at most: the most that the server takes. */
const maxBytes = 64 * 2 ** 20;

/** Prints the spans of a trace in short, with their own times and the critical path. */
export async function outline(traceId: string, context: CommandContext): Promise<number> {
  const { client, output } = context;
  const request = { traceId, maxBytes };
  const answer = await within(answerMs, context, (abort) =>
    client.getTraceOutline(request, { signal: abort }),
  );
  const { spans, spanCount, errorCount, startTime, duration, leftOut, unreadable } = answer;
  if (output.isText) {
    const heading = spaced([
      { text: traceId.toLowerCase(), style: "bold" },
      { text: startTime === undefined ? "" : dateAndTime(startTime), style: "dim" },
      { text: duration === undefined ? "" : durationText(duration) },
      ...countPieces(spanCount, errorCount),
    ]);
    await output.lines([line(heading, output.view)]);
    await output.lines(outlineLines(spans, output.view));
  } else {
    await output.json(OutlineSpanSchema, spans);
  }
  if (leftOut > 0) output.say(`left out ${counted(leftOut, "span")} far from the root`);
  sayUnreadable(unreadable, "span", output);
  return 0;
}

const headings = ["duration", "self", "critical"];
/** A deeper span is not indented further. */
const maxIndent = 40;

/** Spans with their figures before them; the figures on the critical path stand out. */
function* outlineLines(spans: readonly OutlineSpan[], view: View): Generator<string, void, undefined> {
  const rows = spans.map(({ duration, self, critical }) => [
    durationText(duration),
    self === undefined ? "" : durationText(self),
    critical === undefined ? "" : durationText(critical),
  ]);
  const widths = headings.map((heading, i) =>
    rows.reduce((most, row) => Math.max(most, widthOf([{ text: row[i] ?? "" }])), heading.length),
  );
  const cells = (texts: readonly string[], style: (i: number) => Piece["style"]): Piece[] =>
    texts.flatMap((text, i) => {
      const piece =
        style(i) === undefined ? { text } : { text, style: style(i) as NonNullable<Piece["style"]> };
      return [gap((widths[i] ?? 0) - widthOf([piece])), piece, gap(2)];
    });
  yield line([...cells(headings, () => "dim"), { text: "span", style: "dim" }], view);
  for (const [i, span] of spans.entries()) {
    const isCritical = span.critical !== undefined;
    yield line(
      [
        ...cells(rows[i] ?? [], (at) => (at === 2 && isCritical ? "yellow" : undefined)),
        gap(Math.min(maxIndent, span.depth * 2)),
        ...spaced([
          { text: span.name || "(no name)", style: span.failed ? ["bold", "red"] : "bold" },
          servicePiece(span.service),
          { text: span.failed ? "✗" : "", style: "red" },
        ]),
      ],
      view,
    );
  }
}
