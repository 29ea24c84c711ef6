import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { LogRecordJson, SpanJson } from "../../../../../gen/obsvty/v1/query_pb.ts";
import { numberText } from "../../../format/value.ts";
import { CopyButton } from "../../../parts/copy.tsx";
import { Markdown } from "../../../parts/markdown-view.tsx";
import { useFirst } from "../../../parts/show-more.tsx";
import { conversationOf, type Message, type Part } from "./conversation.ts";
import "../../../styles/conversation.css";

interface ConversationViewProps {
  readonly span: SpanJson;
  readonly logs: readonly LogRecordJson[];
}

/** A longer text is shown as it is, and cut: nobody reads it here. */
const mostRead = 50_000;

const titles: Readonly<Record<Part["kind"], string>> = {
  text: "",
  call: "calls a tool:",
  result: "result of the call",
  other: "",
};

/** What was said to a language model, and what it answered. */
export function ConversationView({ span, logs }: ConversationViewProps): JSX.Element | null {
  const conversation = useMemo(() => conversationOf(span, logs), [span, logs]);
  if (conversation === undefined) return null;
  const { model, provider, inputTokens, outputTokens, finishReasons, messages } = conversation;
  const facts = [
    ["model", [model, provider && `(${provider})`].filter(Boolean).join(" ")],
    [
      "tokens",
      [inputTokens && `${inputTokens} in`, outputTokens && `${outputTokens} out`].filter(Boolean).join(", "),
    ],
    ["finished", finishReasons],
  ].filter(([, value]) => value !== "");
  return (
    <section class="conversation" aria-label="Conversation">
      <h3>conversation</h3>
      <dl class="fields">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {messages.length === 0 && (
        <p class="quiet">The messages were not sent. Instrumentations send them when they are told to.</p>
      )}
      <Messages messages={messages} />
    </section>
  );
}

/** So many messages, and parts of one, are shown before somebody asks for more. */
const most = 100;

function Messages({ messages }: { readonly messages: readonly Message[] }): JSX.Element {
  const { first, more } = useFirst(messages, most, "messages");
  return (
    <>
      {first.map((message, index) => (
        <MessageView key={index} message={message} />
      ))}
      {more}
    </>
  );
}

function MessageView({ message: { role, parts } }: { readonly message: Message }): JSX.Element {
  const { first, more } = useFirst(parts, most, "parts");
  return (
    <article class={/^(?:assistant|model|ai)$/.test(role) ? "answer" : ""}>
      <h4>{role}</h4>
      {first.map((part, at) => (
        <PartView key={at} part={part} />
      ))}
      {more}
    </article>
  );
}

function PartView({ part: { kind, title, text } }: { readonly part: Part }): JSX.Element {
  return (
    <div class="part">
      {kind !== "text" && (
        <p class="quiet">
          {titles[kind]} <span class="mono">{title}</span>
        </p>
      )}
      {kind === "text" && text.length <= mostRead ? (
        <Markdown text={text} heading="h4" />
      ) : (
        <pre class="value">{text.slice(0, mostRead)}</pre>
      )}
      {text.length > mostRead && (
        <p class="notice">
          {numberText(text.length - mostRead)} characters more{" "}
          <CopyButton text={text} label="copy the whole text" />
        </p>
      )}
    </div>
  );
}
