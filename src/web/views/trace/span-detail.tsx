import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { LogRecordJson, SpanJson } from "../../../../gen/obsvty/v1/query_pb.ts";
import { exactDuration, exactTime, parseSeconds, parseTime } from "../../format/time.ts";
import { readableValue } from "../../format/value.ts";
import { Attributes } from "../../parts/attributes.tsx";
import { CopyButton } from "../../parts/copy.tsx";
import { lazyView } from "../../parts/lazy-view.tsx";
import { ServiceName } from "../../parts/service-name.tsx";
import { SeverityWord } from "../../parts/severity-word.tsx";
import { hrefTo, setParams, zone } from "../../state/address.ts";
import { shortNs } from "./durations.ts";
import { readSpans } from "./trace-data.ts";
import type { SpanNode } from "./waterfall.ts";

interface SpanDetailProps {
  readonly traceId: string;
  readonly node: SpanNode;
  /** By how much it began before the span above it. */
  readonly skewNs: number;
  /** Undefined when it has to be read first. */
  readonly known: SpanJson | undefined;
  readonly logs: readonly LogRecordJson[];
}

export function SpanDetail({ traceId, node, skewNs, known, logs }: SpanDetailProps): JSX.Element {
  const read = useSignal<SpanJson | undefined>(undefined);
  const failure = useSignal("");
  const isKnown = known !== undefined;
  useEffect(() => {
    if (isKnown) return undefined;
    const abort = new AbortController();
    readSpans(traceId, [node.id], abort.signal).then(
      ([span]) => {
        read.value = span;
      },
      (error: Error) => {
        if (!abort.signal.aborted) failure.value = error.message;
      },
    );
    return () => abort.abort();
  }, [traceId, node.id, isKnown]);
  const span = known ?? read.value;
  return (
    <aside class="detail" aria-label="Span">
      <div class="bar">
        <h2>
          {node.failed && <span class="error">✗ </span>}
          {node.name || "(no name)"}
        </h2>
        <button type="button" aria-label="close the detail" onClick={() => setParams({ span: "" })}>
          ×
        </button>
      </div>
      <ServiceName service={node.service} />
      {failure.value !== "" && <p class="notice bad">{failure.value}</p>}
      {span !== undefined && mayConverse(span, logs) && <Conversation span={span} logs={logs} />}
      {span !== undefined && <Fields span={span} node={node} skewNs={skewNs} />}
      {logs.length > 0 && (
        <>
          <h3>logs</h3>
          <ul class="logs">
            {logs.map((record) => (
              <li key={record.cursor}>
                <SeverityWord record={record} /> <span class="value">{readableValue(record.body)}</span>
              </li>
            ))}
          </ul>
          <a href={hrefTo({ view: "logs", params: { trace: traceId } })}>in the list of logs</a>
        </>
      )}
    </aside>
  );
}

const Conversation = lazyView(
  async () => (await import("./conversation/conversation-view.tsx")).ConversationView,
);

/** Whether the code for conversations with language models is worth loading. */
function mayConverse(span: SpanJson, logs: readonly LogRecordJson[]): boolean {
  return [span, ...(span.events ?? []), ...logs].some(({ attributes = {} }) =>
    Object.keys(attributes).some((key) => key.startsWith("gen_ai.")),
  );
}

interface FieldsProps extends Pick<SpanDetailProps, "node" | "skewNs"> {
  readonly span: SpanJson;
}

function Fields({ span, node, skewNs }: FieldsProps): JSX.Element {
  const start = parseTime(span.startTime);
  const duration = parseSeconds(span.duration);
  const status = String(span.status?.code ?? "")
    .replace("STATUS_CODE_", "")
    .toLowerCase();
  return (
    <>
      <dl class="fields">
        <dt>status</dt>
        <dd class={status === "error" ? "error" : ""}>
          {status === "error" ? "✗ error" : status} {span.status?.message}
        </dd>
        <dt>start</dt>
        <dd class="mono">{start === undefined ? "none" : exactTime(start, zone.value)}</dd>
        <dt>duration</dt>
        <dd class="mono">{duration === undefined ? "none" : exactDuration(duration)}</dd>
        {skewNs > 0 && (
          <>
            <dt>clock</dt>
            <dd>⚠ began {shortNs(skewNs)} before the span above it, which is of another service</dd>
          </>
        )}
        {node.selfNs > 0 && (
          <>
            <dt>self</dt>
            <dd>{shortNs(node.selfNs)}, in which none of its children ran</dd>
          </>
        )}
        {node.criticalNs > 0 && (
          <>
            <dt>critical</dt>
            <dd>{shortNs(node.criticalNs)}, for which the trace waited for it</dd>
          </>
        )}
        <dt>kind</dt>
        <dd>{node.kind}</dd>
        <dt>span id</dt>
        <dd class="mono">
          {span.spanId} <CopyButton text={span.spanId ?? ""} label="copy the span id" />
        </dd>
        {span.scope?.name && (
          <>
            <dt>scope</dt>
            <dd>
              {span.scope.name} {span.scope.version}
            </dd>
          </>
        )}
      </dl>
      <Attributes title="attributes" attributes={span.attributes} view="traces" />
      {(span.events ?? []).map((event, index) => {
        const time = parseTime(event.time);
        return (
          <div key={index}>
            <h3>event {event.name}</h3>
            <p class="mono">{time === undefined ? "no time" : exactTime(time, zone.value)}</p>
            <Attributes title="" attributes={event.attributes} view="traces" />
          </div>
        );
      })}
      {(span.links ?? []).length > 0 && <h3>links</h3>}
      {(span.links ?? []).map(({ traceId = "", spanId = "" }) => (
        <p key={traceId + spanId}>
          <a class="mono" href={hrefTo({ view: "trace", id: traceId, params: { span: spanId } })}>
            {traceId} {spanId}
          </a>
        </p>
      ))}
      <Attributes title="resource" attributes={span.resource} view="traces" />
    </>
  );
}
