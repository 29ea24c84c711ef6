import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { LogRecordJson, SpanJson, SpanLinkJson } from "../../../../gen/obsvty/v1/query_pb.ts";
import type { CallError } from "../../api/call.ts";
import { untilDone } from "../../api/repeat.ts";
import { exactDuration, exactTime, parseSeconds, parseTime } from "../../format/time.ts";
import { bytesText, countOf, valueText } from "../../format/value.ts";
import { Attributes } from "../../parts/attributes.tsx";
import { CopyButton } from "../../parts/copy.tsx";
import { lazyView } from "../../parts/lazy-view.tsx";
import { ServiceName } from "../../parts/service-name.tsx";
import { SeverityWord } from "../../parts/severity-word.tsx";
import { useFirst } from "../../parts/show-more.tsx";
import { ValueView } from "../../parts/value-view.tsx";
import { hrefTo, setParams, zone } from "../../state/address.ts";
import { shortNs } from "./durations.ts";
import { type SpanNode, spanOfNode } from "./span-nodes.ts";
import { readSpans } from "./trace-data.ts";

interface SpanDetailProps {
  readonly traceId: string;
  readonly node: SpanNode;
  /** Of its service, among those of the trace. */
  readonly hue: number | undefined;
  /** By how much it began before the span above it. */
  readonly skewNs: number;
  /** By how much it ended after the span above it. */
  readonly overrunNs: number;
  /** The spans of this trace that link to it, of those that have been read. */
  readonly linkedFrom: readonly SpanJson[];
  /** Undefined when it has to be read first. */
  readonly known: SpanJson | undefined;
  readonly logs: readonly LogRecordJson[];
}

export function SpanDetail(props: SpanDetailProps): JSX.Element {
  const { traceId, node, known, logs } = props;
  const read = useSignal<SpanJson | undefined>(undefined);
  const failure = useSignal("");
  const isKnown = known !== undefined;
  useEffect(() => {
    if (isKnown) return undefined;
    return untilDone(async (abort) => {
      try {
        read.value = spanOfNode(node, await readSpans(traceId, [node.id], abort));
      } catch (error) {
        const { code, message, trouble } = error as CallError;
        if (abort.aborted || trouble !== undefined) throw error;
        failure.value = code === "not_found" ? "This span is not held any more." : message;
      }
    });
  }, [traceId, node.id, isKnown]);
  const span = known ?? read.value;
  return (
    <aside class="detail" aria-label="Span">
      <div class="bar">
        <h2>
          {node.failed && <span class="error">✗ </span>}
          {node.name || "(no name)"}
        </h2>
        <CopyButton
          text={
            new URL(hrefTo({ view: "trace", id: traceId, params: { span: node.key } }), location.href).href
          }
          label="copy the link to this span"
          name="link"
        />
        <button type="button" aria-label="close the detail" onClick={() => setParams({ span: "" })}>
          ×
        </button>
      </div>
      <ServiceName service={node.service} hue={props.hue} />
      {failure.value !== "" && <p class="notice bad">{failure.value}</p>}
      {span !== undefined && mayConverse(span, logs) && <Conversation span={span} logs={logs} />}
      {span !== undefined && <Fields {...props} span={span} />}
      {logs.length > 0 && (
        <>
          <h3>logs</h3>
          <ul class="logs">
            {logs.map((record) => (
              <li key={record.cursor}>
                <ExactTime time={record.time ?? record.observedTime} /> <SeverityWord record={record} />{" "}
                <CopyButton text={valueText(record.body)} label="copy the log record's text" />
                <ValueView value={record.body} />
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

function ExactTime({ time }: { readonly time: string | undefined }): JSX.Element {
  const nanos = parseTime(time);
  return <span class="mono">{nanos === undefined ? "no time" : exactTime(nanos, zone.value)}</span>;
}

/** So many events are shown before somebody asks for more. */
const mostEvents = 50;

interface FieldsProps extends SpanDetailProps {
  readonly span: SpanJson;
}

function Fields({ traceId, span, node, skewNs, overrunNs, linkedFrom }: FieldsProps): JSX.Element {
  const events = useFirst(span.events ?? [], mostEvents, "events");
  const dropped = [
    { count: span.droppedAttributesCount ?? 0, one: "attribute" },
    { count: span.droppedEventsCount ?? 0, one: "event" },
    { count: span.droppedLinksCount ?? 0, one: "link" },
  ]
    .flatMap(({ count, one }) => (count > 0 ? countOf(count, one) : []))
    .join(", ");
  const start = parseTime(span.startTime);
  const duration = parseSeconds(span.duration);
  const status = String(span.status?.code ?? "unset")
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
        {overrunNs > 0 && (
          <>
            <dt>end</dt>
            <dd>{shortNs(overrunNs)} after that of the span above it, which did not wait for it</dd>
          </>
        )}
        {(node.orphan || node.circular) && (
          <>
            <dt>parent</dt>
            <dd>
              ⚠ <span class="mono">{span.parentSpanId}</span>, which is{" "}
              {node.orphan ? "not held" : "the span itself, or below it"}
            </dd>
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
        {dropped !== "" && (
          <>
            <dt>dropped</dt>
            <dd>⚠ {dropped} by the program that sent the span</dd>
          </>
        )}
        {(span.omittedBytes ?? 0) > 0 && (
          <>
            <dt>left out</dt>
            <dd>⚠ {bytesText(span.omittedBytes ?? 0)}: the span has too many fields to show all of them</dd>
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
      {events.first.map((event, index) => (
        <div key={index}>
          <h3>event {event.name}</h3>
          <p>
            <ExactTime time={event.time} />
          </p>
          <Attributes title="" attributes={event.attributes} view="traces" />
        </div>
      ))}
      {events.more}
      <Links title="links" links={span.links ?? []} />
      <Links title="linked from" links={linkedFrom.map(({ spanId = "" }) => ({ traceId, spanId }))} />
      <Attributes title="resource" attributes={span.resource} view="traces" />
    </>
  );
}

interface LinksProps {
  readonly title: string;
  readonly links: readonly SpanLinkJson[];
}

function Links({ title, links }: LinksProps): JSX.Element | null {
  if (links.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      {links.map(({ traceId = "", spanId = "", attributes }, index) => (
        <div key={index}>
          <a class="mono value" href={hrefTo({ view: "trace", id: traceId, params: { span: spanId } })}>
            {traceId} {spanId}
          </a>
          <Attributes title="" attributes={attributes} view="traces" />
        </div>
      ))}
    </>
  );
}
