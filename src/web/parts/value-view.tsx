import type { JsonValue } from "@bufbuild/protobuf";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { beginningOf, numberText, textSize, valueText } from "../format/value.ts";
import { isMarkdown, type StackLine, stackOf, structureOf } from "../format/value-kind.ts";
import { lazyView } from "./lazy-view.tsx";
import type { HeadingName, MarkdownProps } from "./markdown-view.tsx";
import { useFirst } from "./show-more.tsx";
import "../styles/value.css";

const Markdown = lazyView(async () => (await import("./markdown-view.tsx")).Markdown);

/** So many characters of a text, and entries of a list, are shown before somebody asks for more. */
const mostCharacters = 2_000;
/** More at once would hold up the page. */
const moreCharacters = 100_000;
const mostEntries = 50;

interface ValueViewProps {
  readonly value: JsonValue | undefined;
  /** Of headings in Markdown. @default "h4" */
  readonly heading?: HeadingName;
}

/**
 * A value as a person reads it: JSON that folds, a stack trace with the program's own frames marked, Markdown, or a text.
 */
export function ValueView({ value, heading = "h4" }: ValueViewProps): JSX.Element {
  const structure = structureOf(value);
  if (structure !== undefined) return <JsonNode name="" value={structure} depth={0} />;
  const text = valueText(value);
  return isMarkdown(text) && stackOf(text) === undefined ? (
    <MarkdownView text={text} heading={heading} />
  ) : (
    <TextView text={text} />
  );
}

/** Markdown as what it means, or as it was sent. */
function MarkdownView({ text, heading }: MarkdownProps): JSX.Element {
  const isPlain = useSignal(false);
  return (
    <div class="formatted">
      <button
        type="button"
        class="small"
        aria-pressed={isPlain.value}
        onClick={() => {
          isPlain.value = !isPlain.value;
        }}
      >
        as sent
      </button>
      {isPlain.value ? <TextView text={text} /> : <Markdown text={text} heading={heading} />}
    </div>
  );
}

function TextView({ text }: { readonly text: string }): JSX.Element {
  const most = useSignal(mostCharacters);
  const shown = beginningOf(text, most.value);
  const left = text.length - shown.length;
  const stack = stackOf(shown);
  return (
    <span class="value">
      {stack === undefined ? <bdi>{shown}</bdi> : <Stack lines={stack} />}
      {left > 0 && (
        <>
          {"… "}
          <button
            type="button"
            class="small"
            onClick={() => {
              most.value += moreCharacters;
            }}
          >
            {left > moreCharacters ? "show more (of " : "show all ("}
            {textSize(text)})
          </button>
        </>
      )}
    </span>
  );
}

function Stack({ lines }: { readonly lines: readonly StackLine[] }): JSX.Element {
  return (
    <span class="stack">
      {lines.map(({ kind, text }, index) => (
        <span key={index} class={kind}>
          {`${text}\n`}
        </span>
      ))}
    </span>
  );
}

interface JsonNodeProps {
  /** "" for the value as a whole. */
  readonly name: string;
  readonly value: JsonValue;
  readonly depth: number;
}

/** What is folded is not in the document: a value may be as deep and as long as it likes. */
function JsonNode({ name, value, depth }: JsonNodeProps): JSX.Element {
  const isList = Array.isArray(value);
  const isObject = typeof value === "object" && value !== null;
  const entries = isObject ? Object.entries(value) : [];
  const isOpen = useSignal(depth === 0 || (depth < 3 && entries.length <= 10));
  const { first, more } = useFirst(entries, mostEntries, "");
  const label = name === "" ? null : <span class="quiet">{name}: </span>;
  if (!isObject) {
    return (
      <div class="json leaf">
        {label}
        {typeof value === "string" ? <TextView text={value} /> : <span class="value">{String(value)}</span>}
      </div>
    );
  }
  return (
    <details
      class="json"
      open={isOpen.value}
      onToggle={({ currentTarget, target }) => {
        if (target === currentTarget) isOpen.value = currentTarget.open;
      }}
    >
      <summary>
        {label}
        <span class="value">
          {isList ? `[${numberText(entries.length)}]` : `{${numberText(entries.length)}}`}
        </span>
      </summary>
      {isOpen.value && (
        <>
          {first.map(([key, of]) => (
            <JsonNode key={key} name={key} value={of} depth={depth + 1} />
          ))}
          {more}
        </>
      )}
    </details>
  );
}
