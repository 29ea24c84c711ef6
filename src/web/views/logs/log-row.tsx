import type { JSX } from "preact";
import type { LogRecordJson } from "../../../../gen/obsvty/v1/query_pb.ts";
import type { DateForm } from "../../format/dates.ts";
import { parseTime } from "../../format/time.ts";
import { beginningOf, nameOr, valueText } from "../../format/value.ts";
import { ServiceName } from "../../parts/service-name.tsx";
import { SeverityWord } from "../../parts/severity-word.tsx";
import { Cell, Row } from "../../parts/table.tsx";
import { TimeCell } from "../../parts/time-cell.tsx";
import { hrefTo } from "../../state/address.ts";
import { timeOf, traceOf } from "./record-facts.ts";

interface LogRowProps {
  readonly record: LogRecordJson;
  readonly dates: DateForm;
  readonly index: number;
  readonly selected: boolean;
  /** The find has found it. */
  readonly hit: boolean;
  readonly select: (index: number) => void;
}

export function LogRow({ record, dates, index, selected, hit, select }: LogRowProps): JSX.Element {
  return (
    <Row index={index} selected={selected} class={hit ? "hit" : ""} onChoose={() => select(index)}>
      <TimeCell time={parseTime(timeOf(record))} dates={dates} />
      <Cell class="level">
        <SeverityWord record={record} />
      </Cell>
      <Cell class="one-service">
        <ServiceName service={record.service ?? ""} />
      </Cell>
      <Cell class="name">{rowText(record)}</Cell>
      <Cell class="link">
        {record.traceId && (
          <a href={hrefTo(traceOf(record))} tabIndex={-1} aria-label="the trace of this log record">
            trace
          </a>
        )}
      </Cell>
    </Row>
  );
}

/** More is not seen in a row. */
const mostOfRow = 500;
/** Rows are drawn again whenever others come. */
const rowTexts = new WeakMap<LogRecordJson, string>();

function rowText(record: LogRecordJson): string {
  let text = rowTexts.get(record);
  if (text === undefined) {
    text = beginningOf(nameOr(valueText(record.body), record.eventName || "(no body)"), mostOfRow);
    rowTexts.set(record, text);
  }
  return text;
}
