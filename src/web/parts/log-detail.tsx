import type { ComponentChildren, JSX } from "preact";
import type { LogRecordJson } from "../../../gen/obsvty/v1/query_pb.ts";
import { valueText } from "../format/value.ts";
import { Attributes } from "./attributes.tsx";
import { CopyButton } from "./copy.tsx";
import { ExactTime } from "./exact-time.tsx";
import { ServiceName } from "./service-name.tsx";
import { SeverityWord } from "./severity-word.tsx";
import { ValueView } from "./value-view.tsx";

interface LogDetailProps {
  readonly record: LogRecordJson;
  /** Of its service, where the view has others than the page as a whole. */
  readonly hue?: number | undefined;
  readonly close: () => void;
  /** More fields: where the record belongs to. */
  readonly children: ComponentChildren;
}

/** All that is known of a log record. */
export function LogDetail({ record, hue, close, children }: LogDetailProps): JSX.Element {
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
      <ServiceName service={record.service ?? ""} hue={hue} />
      <div class="body">
        <ValueView value={record.body} heading="h3" />
      </div>
      <CopyButton text={valueText(record.body)} label="copy the body" />
      <dl class="fields">
        <dt>time</dt>
        <dd>{record.time === undefined ? "none" : <ExactTime time={record.time} />}</dd>
        <dt>observed</dt>
        <dd>{record.observedTime === undefined ? "none" : <ExactTime time={record.observedTime} />}</dd>
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
        {children}
      </dl>
      <Attributes title="attributes" attributes={record.attributes} view="logs" />
      <Attributes title="resource" attributes={record.resource} view="logs" />
    </aside>
  );
}
