import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { LogRecordJson, SpanJson } from "../../../../../gen/obsvty/v1/query_pb.ts";
import { CopyButton } from "../../../parts/copy.tsx";
import { conversationOf, type Part } from "./conversation.ts";
import { type Inline, markdownBlocks } from "./markdown.ts";
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
      {messages.map(({ role, parts }, index) => (
        <article key={index} class={/^(?:assistant|model|ai)$/.test(role) ? "answer" : ""}>
          <h4>{role}</h4>
          {parts.map((part, at) => (
            <PartView key={at} part={part} />
          ))}
        </article>
      ))}
    </section>
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
        <Markdown text={text} />
      ) : (
        <pre class="value">{text.slice(0, mostRead)}</pre>
      )}
      {text.length > mostRead && (
        <p class="notice">
          {(text.length - mostRead).toLocaleString("en")} characters more{" "}
          <CopyButton text={text} label="copy the whole text" />
        </p>
      )}
    </div>
  );
}

function Markdown({ text }: { readonly text: string }): JSX.Element {
  return (
    <>
      {markdownBlocks(text).map((block, index) => {
        if (block.kind === "code") return <pre key={index}>{block.text}</pre>;
        if (block.kind === "list") {
          const List = block.ordered ? "ol" : "ul";
          return (
            <List key={index}>
              {block.items.map((item, at) => (
                <li key={at}>
                  <Inlines parts={item} />
                </li>
              ))}
            </List>
          );
        }
        const content = <Inlines parts={block.content} />;
        if (block.kind === "heading") return <h5 key={index}>{content}</h5>;
        return block.kind === "quote" ? (
          <blockquote key={index}>{content}</blockquote>
        ) : (
          <p key={index}>{content}</p>
        );
      })}
    </>
  );
}

function Inlines({ parts }: { readonly parts: readonly Inline[] }): JSX.Element {
  return (
    <>
      {parts.map((part, index) => (
        <InlineView key={index} part={part} />
      ))}
    </>
  );
}

function InlineView({ part }: { readonly part: Inline }): JSX.Element {
  switch (part.kind) {
    case "code":
      return <code>{part.text}</code>;
    case "strong":
      return <strong>{part.text}</strong>;
    case "emphasis":
      return <em>{part.text}</em>;
    case "link":
      return (
        <a href={part.href} rel="noopener noreferrer" target="_blank">
          {part.text}
        </a>
      );
    case "text":
      return <>{part.text}</>;
  }
}
