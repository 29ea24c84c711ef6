import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { LogRecordJson, SpanJson } from "../../../../gen/obsvty/v1/query_pb.ts";
import type { CallError } from "../../api/call.ts";
import { untilDone } from "../../api/repeat.ts";
import { countOf, valueText } from "../../format/value.ts";
import { CopyButton } from "../../parts/copy.tsx";
import { ExactTime } from "../../parts/exact-time.tsx";
import { lazyView } from "../../parts/lazy-view.tsx";
import { ServiceName } from "../../parts/service-name.tsx";
import { SeverityWord } from "../../parts/severity-word.tsx";
import { ValueView } from "../../parts/value-view.tsx";
import { hrefTo, setParams } from "../../state/address.ts";
import { hasConversation } from "./conversation/has-conversation.ts";
import { logKey } from "./marks.ts";
import { type SpanFacts, SpanFields } from "./span-fields.tsx";
import { spanOfNode } from "./span-nodes.ts";
import { readSpans } from "./trace-data.ts";

interface SpanDetailProps extends SpanFacts {
  /** Of its service, among those of the trace. */
  readonly hue: number | undefined;
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
      {span !== undefined && hasConversation(span, logs) && <Conversation span={span} logs={logs} />}
      {span !== undefined && <SpanFields {...props} span={span} />}
      {logs.length > 0 && (
        <>
          <h3>logs</h3>
          <ul class="logs">
            {logs.map((record) => (
              <li key={record.cursor}>
                <ExactTime time={record.time ?? record.observedTime} /> <SeverityWord record={record} />{" "}
                <CopyButton text={valueText(record.body)} label="copy the log record's text" />{" "}
                <button
                  type="button"
                  class="small"
                  title="all of this log record"
                  onClick={() => setParams({ mark: logKey(record) })}
                >
                  {countOf(Object.keys(record.attributes ?? {}).length, "attribute")}
                </button>
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
