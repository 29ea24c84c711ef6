import type { Histogram, MetricPoint, Summary } from "../../../gen/obsvty/v1/query_pb.ts";
import { timePiece } from "./clock-time.ts";
import { line, type Piece, spaced, type View } from "./line.ts";
import { numberText, percentText } from "./number-text.ts";
import { attributesPiece, omittedPiece, servicePiece } from "./value-text.ts";

/** A data point as a line: time, service, name, value with its unit, attributes, the scope's attributes. */
export function metricLine(point: MetricPoint, view: View): string {
  return line(
    spaced([
      timePiece(point.time, view),
      servicePiece(point.service),
      { text: point.name, style: "bold", share: 1 / 3 },
      valuePiece(point),
      omittedPiece(point),
      attributesPiece(point.attributes),
      scopePiece(point),
    ]),
    view,
  );
}

/** The scope's attributes: two series may differ in them alone. */
function scopePiece({ scope }: MetricPoint): Piece {
  const { text, ...piece } = attributesPiece(scope?.attributes);
  return { text: text === "" ? "" : `scope ${text}`, ...piece };
}

function valuePiece({ value, unit }: MetricPoint): Piece {
  switch (value.case) {
    case "intValue":
    case "doubleValue":
      return { text: withUnit(numberText(value.value), unit), style: "yellow" };
    case "histogram":
    case "exponentialHistogram":
      return { text: distributionText(value.value, unit), style: "yellow" };
    case "summary":
      return { text: summaryText(value.value, unit), style: "yellow" };
    default:
      return { text: "no value", style: "dim" };
  }
}

type Distribution = Pick<Histogram, "count" | "sum" | "min" | "max">;

function distributionText({ count, sum, min, max }: Distribution, unit: string): string {
  const mean = sum === undefined || count === 0n ? undefined : sum / Number(count);
  const figures = Object.entries({ sum, mean, min, max })
    .filter((entry): entry is [string, number] => entry[1] !== undefined)
    .map(([name, figure]) => ` ${name} ${numberText(figure)}`);
  return withUnit(`count ${count}${figures.join("")}`, figures.length === 0 ? "" : unit);
}

function summaryText({ count, sum, quantiles }: Summary, unit: string): string {
  const figures = quantiles.map(({ quantile, value }) => ` p${percentText(quantile)} ${numberText(value)}`);
  return withUnit(`count ${count} sum ${numberText(sum)}${figures.join("")}`, unit);
}

/** UCUM's 1 means that there is none. */
function withUnit(text: string, unit: string): string {
  return unit === "" || unit === "1" ? text : `${text} ${unit}`;
}
