import type { LogRecordJson } from "../../../../gen/obsvty/v1/query_pb.ts";
import { exactTime, parseTime } from "../../format/time.ts";
import { valueText } from "../../format/value.ts";
import { Attributes } from "../../parts/attributes.tsx";
import { CopyButton } from "../../parts/copy.tsx";
import { SeverityWord } from "../../parts/severity-word.tsx";
import { ValueView } from "../../parts/value-view.tsx";
import { hrefTo, zone } from "../../state/address.ts";
import { traceOf } from "./record-facts.ts";

export function LogDetail({ record, close }: { readonly record: LogRecordJson; readonly close: () => void }) {
  const time = parseTime(record.time);
  const observed = parseTime(record.observedTime);
  return (
    <aside class="detail" aria-label="Log record">
      <div class="bar">
        <h2>
          <SeverityWord record={record} />
        </h2>
        <button type="button" aria-label="close the detail" onClick={close}>
          ×
        </button>
      </div>
      <div class="body">
        <ValueView value={record.body} />
      </div>
      <CopyButton text={valueText(record.body)} label="copy the body" />
      <dl class="fields">
        <dt>time</dt>
        <dd class="mono">{time === undefined ? "none" : exactTime(time, zone.value)}</dd>
        <dt>observed</dt>
        <dd class="mono">{observed === undefined ? "none" : exactTime(observed, zone.value)}</dd>
        {record.severityText && (
          <>
            <dt>severity text</dt>
            <dd>
              <ValueView value={record.severityText} />
            </dd>
          </>
        )}
        {record.eventName && (
          <>
            <dt>event</dt>
            <dd>
              <ValueView value={record.eventName} />
            </dd>
          </>
        )}
        {record.traceId && (
          <>
            <dt>trace</dt>
            <dd class="mono">
              <a href={hrefTo(traceOf(record))}>{record.traceId}</a>
            </dd>
          </>
        )}
      </dl>
      {record.traceId && (
        <p>
          <a href={hrefTo({ view: "logs", params: { trace: record.traceId } })}>logs of this trace alone</a>
          {record.spanId && (
            <>
              {", "}
              <a href={hrefTo({ view: "logs", params: { trace: record.traceId, span: record.spanId } })}>
                of this span alone
              </a>
            </>
          )}
        </p>
      )}
      <Attributes title="attributes" attributes={record.attributes} view="logs" />
      <Attributes title="resource" attributes={record.resource} view="logs" />
    </aside>
  );
}
