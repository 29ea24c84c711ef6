import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { type Block, type Item, linesWithin, markdownBlocks } from "../format/markdown.ts";
import { type Inline, plainText } from "../format/markdown-inline.ts";
import type { Table } from "../format/markdown-table.ts";
import { textSize } from "../format/value.ts";
import { CopyButton } from "./copy.tsx";
import { WideTable } from "./wide-table.tsx";
import "../styles/markdown.css";

/** So many characters are shown before somebody asks for more: each few may be an element. */
const mostCharacters = 10_000;

/** The element of headings that is one level below that of the page above them. */
export type HeadingName = "h3" | "h4";

export interface MarkdownProps {
  readonly text: string;
  readonly heading: HeadingName;
}

/** A text with Markdown in it. HTML in it stays text. */
export function Markdown({ text, heading }: MarkdownProps): JSX.Element {
  const isWhole = useSignal(false);
  const shown = isWhole.value ? text : linesWithin(text, mostCharacters);
  const blocks = useMemo(() => markdownBlocks(shown), [shown]);
  return (
    <div class="markdown">
      <Blocks blocks={blocks} heading={heading} />
      {shown.length < text.length && (
        <button
          type="button"
          class="small"
          onClick={() => {
            isWhole.value = true;
          }}
        >
          show all ({textSize(text)})
        </button>
      )}
    </div>
  );
}

interface BlocksProps {
  readonly blocks: readonly Block[];
  readonly heading: HeadingName;
}

function Blocks({ blocks, heading }: BlocksProps): JSX.Element {
  return (
    <>
      {blocks.map((block, index) => (
        <BlockView key={index} block={block} heading={heading} />
      ))}
    </>
  );
}

interface BlockProps {
  readonly block: Block;
  readonly heading: HeadingName;
}

function BlockView({ block, heading: Heading }: BlockProps): JSX.Element {
  switch (block.kind) {
    case "code":
      return <Code text={block.text} />;
    case "rule":
      return <hr />;
    case "heading":
      return (
        <Heading class={block.level < 3 ? "large" : ""}>
          <Inlines parts={block.content} />
        </Heading>
      );
    case "paragraph":
      return (
        <p>
          <Inlines parts={block.content} />
        </p>
      );
    case "quote":
      return (
        <blockquote>
          <Blocks blocks={block.blocks} heading={Heading} />
        </blockquote>
      );
    case "list":
      return <List from={block.from} items={block.items} heading={Heading} />;
    case "table":
      return <TableView table={block} />;
  }
}

function Code({ text }: { readonly text: string }): JSX.Element {
  return (
    <div class="code">
      <pre>{text}</pre>
      <CopyButton text={text} label="copy the code" />
    </div>
  );
}

interface ListProps {
  readonly from: number | undefined;
  readonly items: readonly Item[];
  readonly heading: HeadingName;
}

function List({ from, items, heading }: ListProps): JSX.Element {
  const entries = items.map(({ blocks, done }, index) => (
    <li key={index} class={done === undefined ? "" : "task"}>
      {done !== undefined && (
        <input type="checkbox" disabled checked={done} aria-label={done ? "done" : "to do"} />
      )}
      <Blocks blocks={blocks} heading={heading} />
    </li>
  ));
  return from === undefined ? <ul>{entries}</ul> : <ol start={from}>{entries}</ol>;
}

function TableView({ table: { aligns, head, rows } }: { readonly table: Table }): JSX.Element {
  const lookOf = (column: number) => ({ textAlign: aligns[column] ?? "" });
  return (
    <WideTable label={`Table of ${head.map(plainText).join(", ")}`}>
      <thead>
        <tr>
          {head.map((parts, column) => (
            <th key={column} scope="col" style={lookOf(column)}>
              <Inlines parts={parts} />
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((cells, row) => (
          <tr key={row}>
            {cells.map((parts, column) => (
              <td
                key={column}
                colSpan={column === cells.length - 1 ? aligns.length - column : 1}
                style={lookOf(column)}
              >
                <Inlines parts={parts} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </WideTable>
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
      return (
        <strong>
          <Inlines parts={part.content} />
        </strong>
      );
    case "emphasis":
      return (
        <em>
          <Inlines parts={part.content} />
        </em>
      );
    case "struck":
      return (
        <s>
          <Inlines parts={part.content} />
        </s>
      );
    case "link":
      return (
        <a href={part.href} title={part.href} rel="noopener noreferrer" target="_blank">
          <Inlines parts={part.content} />
        </a>
      );
    case "text":
      return <>{part.text}</>;
  }
}
