import type { JSX } from "preact";
import { CopyButton } from "../../parts/copy.tsx";
import { LogDetail } from "../../parts/log-detail.tsx";
import { hrefTo, setParams } from "../../state/address.ts";
import { shortNs } from "./durations.ts";
import { EventDetail } from "./event-detail.tsx";
import type { SpanNode } from "./span-nodes.ts";
import type { Mark } from "./waterfall.ts";

interface MarkPlaceProps {
  readonly traceId: string;
  readonly mark: Mark;
  /** Its span; undefined when that is not held. */
  readonly node: SpanNode | undefined;
}

interface MarkDetailProps extends Omit<MarkPlaceProps, "mark"> {
  /** Undefined when none is chosen. */
  readonly mark: Mark | undefined;
  /** Of the services. */
  readonly hues: ReadonlyMap<string, number>;
  readonly close: () => void;
}

/** The log record or the event that is chosen. */
export function MarkDetail({ mark, hues, close, ...of }: MarkDetailProps): JSX.Element | null {
  if (mark === undefined) return null;
  const key = `${of.node?.key} ${mark.key}`;
  const place = <MarkPlace mark={mark} {...of} />;
  return mark.kind === "event" ? (
    <EventDetail key={key} event={mark.event} close={close}>
      {place}
    </EventDetail>
  ) : (
    <LogDetail key={key} record={mark.record} hue={hues.get(mark.record.service ?? "")} close={close}>
      {place}
    </LogDetail>
  );
}

/** Where a log record or an event is: fields of its detail. */
function MarkPlace({ traceId, mark, node }: MarkPlaceProps): JSX.Element {
  const span = node?.key ?? "";
  const here = hrefTo({ view: "trace", id: traceId, params: { span, mark: mark.key } });
  return (
    <>
      {mark.atNs !== undefined && (
        <>
          <dt>in the trace</dt>
          <dd>at {shortNs(mark.atNs)}</dd>
        </>
      )}
      <dt>span</dt>
      <dd>
        {node === undefined ? (
          "not held"
        ) : (
          <button type="button" class="as-link" onClick={() => setParams({ span, mark: "" })}>
            {node.name || "(no name)"}
          </button>
        )}
      </dd>
      <dt>link</dt>
      <dd>
        <CopyButton text={new URL(here, location.href).href} label="copy the link to this row" />
        {mark.kind === "log" && (
          <>
            {" "}
            <a
              href={hrefTo({
                view: "logs",
                params: { trace: traceId, record: mark.record.cursor ?? "" },
              })}
            >
              in the list of logs
            </a>
          </>
        )}
      </dd>
    </>
  );
}
