import type { JSX } from "preact";
import type { TraceSummaryJson } from "../../../../gen/obsvty/v1/query_pb.ts";
import type { DateForm } from "../../format/dates.ts";
import { exactDuration, shortDuration } from "../../format/time.ts";
import { numberText } from "../../format/value.ts";
import { ServiceName } from "../../parts/service-name.tsx";
import { Cell, Row } from "../../parts/table.tsx";
import { TimeCell } from "../../parts/time-cell.tsx";
import { hrefTo } from "../../state/address.ts";
import { figuresOf } from "./trace-figures.ts";

interface TraceRowProps {
  readonly trace: TraceSummaryJson;
  readonly dates: DateForm;
  readonly index: number;
  readonly selected: boolean;
  /** The find has found it. */
  readonly hit: boolean;
  readonly choose: (trace: TraceSummaryJson) => void;
  readonly open: (trace: TraceSummaryJson) => void;
}

export function TraceRow({ trace, dates, index, selected, hit, choose, open }: TraceRowProps): JSX.Element {
  const { start, duration } = figuresOf(trace);
  const { errorCount = 0, errorMessage = "" } = trace;
  const name = trace.rootName || trace.firstSpanName || "(no name)";
  return (
    <Row index={index} selected={selected} class={hit ? "hit" : ""} onChoose={() => open(trace)}>
      <TimeCell time={start} dates={dates} />
      <Cell class="duration" title={duration === undefined ? "" : exactDuration(duration)}>
        {duration === undefined ? "–" : shortDuration(duration)}
      </Cell>
      <Cell class="count">{numberText(trace.spanCount ?? 0)}</Cell>
      <Cell class="name">
        <a
          href={hrefTo({ view: "trace", id: trace.traceId ?? "" })}
          tabIndex={-1}
          onClick={() => choose(trace)}
        >
          {name}
        </a>
        {!trace.rootName && <em title="The root of this trace is not held"> no root</em>}
      </Cell>
      <Cell class="services" title={(trace.services ?? []).join(", ")}>
        <Services trace={trace} />
      </Cell>
      <Cell class="error-text" title={errorMessage}>
        {errorCount > 0 && `✗ ${errorCount > 1 ? `${numberText(errorCount)} ` : ""}${errorMessage}`}
      </Cell>
    </Row>
  );
}

/** The service where the trace begins, an arrow, and the others. */
function Services({ trace: { services = [], rootService = "" } }: { readonly trace: TraceSummaryJson }) {
  const others = services.filter((service) => service !== rootService);
  return (
    <>
      {rootService !== "" && <ServiceName service={rootService} />}
      {rootService !== "" && others.length > 0 && <span class="arrow">→ </span>}
      {others.map((service) => (
        <ServiceName key={service} service={service} />
      ))}
    </>
  );
}
