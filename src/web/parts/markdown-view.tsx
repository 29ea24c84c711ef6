import type { JSX } from "preact";
import { type Inline, markdownBlocks } from "../format/markdown.ts";
import "../styles/markdown.css";

/** A text with Markdown in it. HTML in it stays text. */
export function Markdown({ text }: { readonly text: string }): JSX.Element {
  return (
    <div class="markdown">
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
    </div>
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
