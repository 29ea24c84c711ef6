import type { ComponentChildren, JSX } from "preact";
import type { SpanEventJson } from "../../../../gen/obsvty/v1/query_pb.ts";
import { numberText } from "../../format/value.ts";
import { Attributes } from "../../parts/attributes.tsx";
import { ExactTime } from "../../parts/exact-time.tsx";

interface EventDetailProps {
  readonly event: SpanEventJson;
  readonly close: () => void;
  /** More fields: where the event belongs to. */
  readonly children: ComponentChildren;
}

/** All that is known of an event of a span. */
export function EventDetail({ event, close, children }: EventDetailProps): JSX.Element {
  const dropped = event.droppedAttributesCount ?? 0;
  return (
    <aside class="detail" aria-label="Event">
      <div class="bar">
        <h2>event {event.name || "(no name)"}</h2>
        <button type="button" aria-label="close the detail" onClick={close}>
          ×
        </button>
      </div>
      <dl class="fields">
        <dt>time</dt>
        <dd>
          <ExactTime time={event.time} />
        </dd>
        {children}
        {dropped > 0 && (
          <>
            <dt>dropped</dt>
            <dd>⚠ {numberText(dropped)} of its attributes, by the program that sent the span</dd>
          </>
        )}
      </dl>
      <Attributes title="attributes" attributes={event.attributes} view="traces" />
    </aside>
  );
}
