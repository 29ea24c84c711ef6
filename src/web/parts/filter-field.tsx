import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { zone } from "../state/address.ts";
import {
  conditionOf,
  type Draft,
  readDraft,
  type Suggestion,
  suggestionsFor,
} from "../state/filter-draft.ts";
import type { Kind } from "../state/filter-fields.ts";
import { listLine } from "../state/filter-list.ts";
import type { Condition } from "../state/filters.ts";
import { useCompletion } from "./completion.ts";

interface FilterFieldProps {
  readonly kind: Kind;
  readonly field: { readonly current: HTMLInputElement | null };
  readonly isQuiet: { readonly current: boolean };
  readonly typed: { value: string };
  readonly add: (conditions: readonly Condition[]) => void;
  readonly removeLast: () => void;
}

/** The field that makes chips of what is typed, with its completion. */
export function FilterField({ kind, field, isQuiet, typed, add, removeLast }: FilterFieldProps): JSX.Element {
  const open = useSignal(false);
  /** The line of the completion that Enter takes; -1 is none. */
  const at = useSignal(-1);
  const draft: Draft = readDraft(kind, typed.value);
  const known = useCompletion(kind, draft, open.value);
  const several = listLine(kind, typed.value, zone.value);
  const lines = open.value
    ? [...(several === undefined ? [] : [several]), ...suggestionsFor(kind, draft, known, zone.value)]
    : [];
  const active = Math.min(at.value, lines.length - 1);
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: "nearest" });
  }, [active]);

  const type = (text: string) => {
    typed.value = text;
    open.value = true;
    at.value = text.trim() === "" ? -1 : 0;
  };
  const commit = (conditions: readonly Condition[]) => {
    typed.value = "";
    at.value = -1;
    open.value = false;
    add(conditions);
  };
  const choose = (line: Suggestion) => {
    if (line.conditions !== undefined) commit(line.conditions);
    else type(line.draft ?? "");
    field.current?.focus();
  };
  const enter = () => {
    const line = lines[active];
    const condition = conditionOf(draft, kind, zone.value);
    if (line !== undefined) choose(line);
    else if (condition !== undefined) commit([condition]);
  };
  const keys: Readonly<Record<string, () => void>> = {
    ArrowDown: () => {
      open.value = true;
      at.value = Math.min(active + 1, lines.length - 1);
    },
    ArrowUp: () => {
      at.value = Math.max(active - 1, -1);
    },
    Enter: enter,
  };
  return (
    <span class="filter-field">
      <input
        ref={field as { current: HTMLInputElement | null }}
        data-filter
        role="combobox"
        aria-label="add a filter"
        aria-expanded={lines.length > 0}
        aria-controls="filter-lines"
        aria-autocomplete="list"
        aria-activedescendant={active >= 0 ? `filter-line-${active}` : undefined}
        autocomplete="off"
        spellcheck={false}
        placeholder="+ filter"
        value={typed.value}
        onInput={({ currentTarget }) => type(currentTarget.value)}
        onFocus={() => {
          open.value = !isQuiet.current;
        }}
        onClick={() => {
          open.value = true;
        }}
        onBlur={() => {
          open.value = false;
          at.value = -1;
        }}
        onKeyDown={(event) => {
          if (event.isComposing) return;
          if (event.key === "Backspace" && typed.value === "") removeLast();
          if (event.key === "Escape" && lines.length > 0 && typed.value !== "") {
            open.value = false;
            event.stopPropagation();
          }
          const act = keys[event.key];
          if (act === undefined) return;
          event.preventDefault();
          act();
        }}
      />
      <span class="key-hint">/</span>
      {lines.length > 0 && (
        // The field keeps the focus: pressing on a line must not take it.
        <div
          id="filter-lines"
          class="filter-lines"
          role="listbox"
          aria-label="filters to choose from"
          ref={list}
          onPointerDown={(event) => event.preventDefault()}
        >
          {lines.map((line, index) => (
            <Line
              key={line.key}
              line={line}
              index={index}
              active={index === active}
              choose={() => choose(line)}
            />
          ))}
        </div>
      )}
    </span>
  );
}

interface LineProps {
  readonly line: Suggestion;
  readonly index: number;
  readonly active: boolean;
  readonly choose: () => void;
}

function Line({ line, index, active, choose }: LineProps): JSX.Element {
  return (
    // biome-ignore lint/a11y: keys are those of the field, which has the focus
    <div id={`filter-line-${index}`} role="option" aria-selected={active} onClick={choose}>
      <span class="mono">{line.label}</span> <span class="quiet">{line.hint}</span>
    </div>
  );
}
