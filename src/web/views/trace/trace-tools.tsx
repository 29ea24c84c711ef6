import type { JSX } from "preact";
import { numberText } from "../../format/value.ts";
import { FindField } from "../../parts/find-field.tsx";
import type { useFoundSpans } from "./use-found-spans.ts";

interface TraceToolsProps {
  /** Whether the critical path is marked. */
  readonly isCritical: boolean;
  readonly onCritical: () => void;
  readonly onFoldLevel: () => void;
  readonly onUnfoldLevel: () => void;
  readonly onFoldAll: (isFolded: boolean) => void;
  readonly find: string;
  /** Whether the server is still searching. */
  readonly busy: boolean;
  readonly found: number;
  /** Of the span that is chosen among those that were found, from 1 on; 0 when it is none. */
  readonly position: number;
  readonly onJump: (step: 1 | -1) => void;
}

/** What changes how the rows are shown, and the search inside of the trace. */
export function TraceTools(props: TraceToolsProps): JSX.Element {
  const { isCritical, find, busy, found, position, onCritical, onFoldAll, onJump } = props;
  return (
    <div class="bar tools-bar">
      <button type="button" class="small" aria-pressed={isCritical} title="p" onClick={onCritical}>
        critical path
      </button>
      <fieldset>
        <legend class="sr">fold</legend>
        <Fold title="[" label="fold all" onFold={() => onFoldAll(true)} />
        <Fold title="{" label="fold a level" onFold={props.onFoldLevel} />
        <Fold title="}" label="unfold a level" onFold={props.onUnfoldLevel} />
        <Fold title="]" label="unfold all" onFold={() => onFoldAll(false)} />
      </fieldset>
      <span class="quiet legend">
        <i aria-hidden="true" class="swatch" />
        itself
        <i aria-hidden="true" class="swatch of-children" />
        while spans below it ran
      </span>
      <FindField
        isFirst
        find={find}
        status={foundText(found, position, busy)}
        found={found}
        onJump={onJump}
      />
    </div>
  );
}

function foundText(found: number, position: number, busy: boolean): string {
  if (found === 0) return busy ? "searching" : "none";
  return `${position || "–"} / ${numberText(found)}${busy ? "…" : ""}`;
}

interface FoldProps {
  readonly title: string;
  readonly label: string;
  readonly onFold: () => void;
}

function Fold({ title, label, onFold }: FoldProps): JSX.Element {
  return (
    <button type="button" class="small" title={title} onClick={onFold}>
      {label}
    </button>
  );
}

/** What the search by the server left out. */
export function FoundNotice({ search }: { readonly search: ReturnType<typeof useFoundSpans> }) {
  if (search.failure !== "") {
    return (
      <p class="notice bad" role="alert">
        The server could not search: {search.failure}. Only names, services and ids of spans are searched.
      </p>
    );
  }
  if (!search.cut) return null;
  return (
    <p class="notice">
      More spans may have this text than one answer of the server holds: the newest{" "}
      {numberText(search.ids.size)} are marked, and all that have it in their name, service or id.
    </p>
  );
}
