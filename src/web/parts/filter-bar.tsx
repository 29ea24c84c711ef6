import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { loneTime } from "../format/dates.ts";
import { parseTime } from "../format/time.ts";
import { route, stepToParams, zone } from "../state/address.ts";
import { conditionText } from "../state/filter-draft.ts";
import { canExclude, type Kind } from "../state/filter-fields.ts";
import {
  adding,
  addingAll,
  type Condition,
  clearing,
  conditionsOf,
  problemOf,
  removing,
  type WhereRefusal,
  whereParts,
} from "../state/filters.ts";
import { FilterField } from "./filter-field.tsx";
import { useWhereRefusals } from "./use-where-refusals.ts";
import "../styles/filter-bar.css";

interface FilterBarProps {
  readonly kind: Kind;
  /** The server's words, when it refused the filter. */
  readonly refusal: string;
  /** Why the filter as a whole is not sent. */
  readonly problem?: string | undefined;
}

/** What a list is filtered by, as chips, and a field that makes more of them and completes them. */
export function FilterBar({ kind, refusal, problem }: FilterBarProps): JSX.Element {
  const { params } = route.value;
  const conditions = conditionsOf(kind, params);
  const refused = useWhereRefusals(kind, whereParts(conditions), refusal);
  const wrong = new Set(refused?.map(({ value }) => value));
  const field = useRef<HTMLInputElement>(null);
  const typed = useSignal("");
  const change = (changes: Record<string, string>) => stepToParams(changes);
  const edit = (condition: Condition) => {
    change(removing(params, condition));
    typed.value = conditionText(condition);
    field.current?.focus();
  };
  const isQuiet = useRef(false);
  /** Without opening the completion, which would cover what has just changed. */
  const focusQuietly = () => {
    isQuiet.current = true;
    field.current?.focus();
    isQuiet.current = false;
  };
  const clear = () => {
    change(clearing(conditions));
    focusQuietly();
  };
  const problems = [...conditions.map(problemOf), problem].filter((one) => one !== undefined);
  return (
    <form class="filters" onSubmit={(event) => event.preventDefault()} aria-label="Filter">
      {conditions.length > 0 && (
        <ul class="chips" aria-label="filters">
          {conditions.map((condition, index) => (
            <Chip
              key={conditionText(condition)}
              kind={kind}
              condition={condition}
              follows={conditions[index - 1]}
              refused={condition.field.param === "where" && wrong.has(condition.value)}
              edit={() => edit(condition)}
              flip={() => change(adding(params, { ...condition, excluded: !condition.excluded }))}
              remove={() => {
                change(removing(params, condition));
                focusQuietly();
              }}
            />
          ))}
        </ul>
      )}
      <FilterField
        kind={kind}
        field={field}
        isQuiet={isQuiet}
        typed={typed}
        add={(added) => change(addingAll(route.peek().params, added))}
        removeLast={() => {
          const last = conditions.at(-1);
          if (last !== undefined) change(removing(params, last));
        }}
      />
      {conditions.length > 0 && (
        <button type="button" onClick={clear}>
          clear
        </button>
      )}
      {problems.map((one) => (
        <p key={one} class="notice bad" role="alert">
          {one}
        </p>
      ))}
      {refused?.map((one) => (
        <WherePlace key={one.value} refused={one} />
      ))}
      {refusal !== "" && refused?.length === 0 && (
        <p class="notice bad" role="alert">
          The server refused this filter: {refusal}
        </p>
      )}
    </form>
  );
}

interface ChipProps {
  readonly kind: Kind;
  readonly condition: Condition;
  readonly follows: Condition | undefined;
  readonly refused: boolean;
  readonly edit: () => void;
  readonly flip: () => void;
  readonly remove: () => void;
}

function Chip({ kind, condition, follows, refused, edit, flip, remove }: ChipProps): JSX.Element {
  const { field, value, excluded } = condition;
  const words = chipWords(kind, condition);
  const text = `${words.before}${field.label} ${words.is} ${value}`;
  const isAlternative = follows?.field.param === field.param && follows.excluded === excluded;
  const joint = excluded || field.param === "where" ? "and" : "or";
  const time = parseTime(value);
  const isTime = field.param === "since" || field.param === "until";
  return (
    <li>
      {isAlternative && <span class="joint">{joint}</span>}
      <span class={`chip${excluded ? " excluded" : ""}${refused || problemOf(condition) ? " wrong" : ""}`}>
        {words.before !== "" && <span class="none">{words.before}</span>}
        <span class="key">{field.label}</span>
        {!canExclude(kind, field) ? (
          <span class="sign">{field.param === "where" ? "" : ":"}</span>
        ) : (
          <button
            type="button"
            class="sign"
            onClick={flip}
            aria-label={`${text}: ${excluded ? "include" : "exclude"} it instead`}
            title={words.title}
          >
            {words.sign}
          </button>
        )}
        <button type="button" class="value-of" onClick={edit} aria-label={`change ${text}`} title={value}>
          {isTime && time !== undefined ? loneTime(time, zone.value) : value}
        </button>
        <button type="button" class="remove" aria-label={`remove ${text}`} onClick={remove}>
          ×
        </button>
      </span>
    </li>
  );
}

/** A list of traces has those of which some span meets a condition, or no span does; a list of logs those that do or do not. */
function chipWords(kind: Kind, { field, excluded }: Condition) {
  const sign = field.cel === undefined ? ":" : "=";
  if (kind === "spans") {
    const title = excluded
      ? "no span has it; click for: a span has it"
      : "a span has it; click for: no span has it";
    return { before: excluded ? "no span " : "", is: "is", sign, title };
  }
  return excluded
    ? { before: "", is: "is not", sign: "≠", title: "is not; click for is" }
    : { before: "", is: "is", sign, title: "is; click for is not" };
}

/** Where in an expression the server found the fault. */
function WherePlace({ refused: { value, reason, column } }: { readonly refused: WhereRefusal }): JSX.Element {
  return (
    <p class="notice bad where-place" role="alert">
      <code>
        {value.slice(0, column - 1)}
        <mark>{value.slice(column - 1, column) || " "}</mark>
        {value.slice(column)}
      </code>{" "}
      {reason}
    </p>
  );
}
