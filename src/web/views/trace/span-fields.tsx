import type { ComponentChildren, JSX } from "preact";
import type { SpanJson, SpanLinkJson } from "../../../../gen/obsvty/v1/query_pb.ts";
import { exactDuration, parseSeconds } from "../../format/time.ts";
import { bytesText, countOf } from "../../format/value.ts";
import { Attributes } from "../../parts/attributes.tsx";
import { CopyButton } from "../../parts/copy.tsx";
import { ExactTime } from "../../parts/exact-time.tsx";
import { useFirst } from "../../parts/show-more.tsx";
import { hrefTo } from "../../state/address.ts";
import { shortNs } from "./durations.ts";
import type { SpanNode } from "./span-nodes.ts";

export interface SpanFacts {
  readonly traceId: string;
  readonly node: SpanNode;
  /** By how much it began before the span above it. */
  readonly skewNs: number;
  /** By how much it ended after the span above it. */
  readonly overrunNs: number;
  /** The spans of this trace that link to it, of those that have been read. */
  readonly linkedFrom: readonly SpanJson[];
}

interface SpanFieldsProps extends SpanFacts {
  readonly span: SpanJson;
}

/** So many events are shown before somebody asks for more. */
const mostEvents = 50;

/** All that is known of a span. */
export function SpanFields(props: SpanFieldsProps): JSX.Element {
  const { traceId, span, linkedFrom } = props;
  const events = useFirst(span.events ?? [], mostEvents, "events");
  return (
    <>
      <OwnFields {...props} />
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

function OwnFields({ span, node, skewNs, overrunNs }: SpanFieldsProps): JSX.Element {
  const dropped = [
    { count: span.droppedAttributesCount ?? 0, one: "attribute" },
    { count: span.droppedEventsCount ?? 0, one: "event" },
    { count: span.droppedLinksCount ?? 0, one: "link" },
  ]
    .flatMap(({ count, one }) => (count > 0 ? countOf(count, one) : []))
    .join(", ");
  const duration = parseSeconds(span.duration);
  const status = String(span.status?.code ?? "unset")
    .replace("STATUS_CODE_", "")
    .toLowerCase();
  return (
    <dl class="fields">
      <Field name="status">
        <span class={status === "error" ? "error" : ""}>
          {status === "error" ? "✗ error" : status} {span.status?.message}
        </span>
      </Field>
      <Field name="start">
        <ExactTime time={span.startTime} />
      </Field>
      <Field name="duration">
        <span class="mono">{duration === undefined ? "none" : exactDuration(duration)}</span>
      </Field>
      {skewNs > 0 && (
        <Field name="clock">
          ⚠ began {shortNs(skewNs)} before the span above it, which is of another service
        </Field>
      )}
      {overrunNs > 0 && (
        <Field name="end">
          {shortNs(overrunNs)} after that of the span above it, which did not wait for it
        </Field>
      )}
      {(node.orphan || node.circular) && (
        <Field name="parent">
          ⚠ <span class="mono">{span.parentSpanId}</span>, which is{" "}
          {node.orphan ? "not held" : "the span itself, or below it"}
        </Field>
      )}
      {node.selfNs > 0 && (
        <Field name="self">{shortNs(node.selfNs)}, in which none of its children ran</Field>
      )}
      {node.criticalNs > 0 && (
        <Field name="critical">{shortNs(node.criticalNs)}, for which the trace waited for it</Field>
      )}
      {dropped !== "" && <Field name="dropped">⚠ {dropped} by the program that sent the span</Field>}
      {(span.omittedBytes ?? 0) > 0 && (
        <Field name="left out">
          ⚠ {bytesText(span.omittedBytes ?? 0)}: the span has too many fields to show all of them
        </Field>
      )}
      <Field name="kind">{node.kind}</Field>
      <Field name="span id">
        <span class="mono">{span.spanId}</span>{" "}
        <CopyButton text={span.spanId ?? ""} label="copy the span id" />
      </Field>
      {span.scope?.name && (
        <Field name="scope">
          {span.scope.name} {span.scope.version}
        </Field>
      )}
    </dl>
  );
}

interface FieldProps {
  readonly name: string;
  readonly children: ComponentChildren;
}

function Field({ name, children }: FieldProps): JSX.Element {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
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
