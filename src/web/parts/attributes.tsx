import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import type { JSX } from "preact";
import { beginningOf, nameOr, valueText } from "../format/value.ts";
import { hrefTo, route } from "../state/address.ts";
import { attributeField } from "../state/filter-fields.ts";
import { adding } from "../state/filters.ts";
import { CopyButton } from "./copy.tsx";
import { useFirst } from "./show-more.tsx";
import { ValueView } from "./value-view.tsx";

interface AttributesProps {
  readonly title: string;
  readonly attributes: JsonObject | undefined;
  /** The list that `+` and `-` filter. What is filtered by already stays where it is this list that is shown. */
  readonly view: "traces" | "logs";
}

/** Attributes that are shown before somebody asks for more. */
const mostAttributes = 100;
/** Of a key, in characters. */
const mostOfKey = 300;
/** An address has no room for longer keys and values. */
const mostOfFilter = 4_096;

/** Attributes by key, each to be copied and filtered by. */
export function Attributes({ title, attributes = {}, view }: AttributesProps): JSX.Element | null {
  const entries = Object.entries(attributes).sort(([one], [other]) => (one < other ? -1 : 1));
  const { first, more } = useFirst(entries, mostAttributes, "attributes");
  if (entries.length === 0) return null;
  return (
    <>
      {title !== "" && <h3>{title}</h3>}
      <dl class="attributes">
        {first.map(([key, value]) => (
          <Attribute key={key} name={key} value={value} view={view} />
        ))}
      </dl>
      {more}
    </>
  );
}

interface AttributeProps {
  readonly name: string;
  readonly value: JsonValue;
  readonly view: "traces" | "logs";
}

function Attribute({ name, value, view }: AttributeProps): JSX.Element {
  const shown = name.length > mostOfKey ? `${beginningOf(name, mostOfKey)}…` : nameOr(name, "(empty key)");
  const text = valueText(value);
  const filter = { view, name, shown, value: text };
  return (
    <div>
      <dt>{shown}</dt>
      <dd>
        <ValueView value={value} />
        <span class="tools">
          {name.length + text.length <= mostOfFilter && (
            <>
              <FilterLink {...filter} excluded={false} />
              <FilterLink {...filter} excluded={true} />
            </>
          )}
          <CopyButton text={text} label={`copy ${shown}`} />
        </span>
      </dd>
    </div>
  );
}

interface FilterLinkProps {
  readonly view: "traces" | "logs";
  readonly name: string;
  /** The name as it is shown. */
  readonly shown: string;
  readonly value: string;
  readonly excluded: boolean;
}

function FilterLink({ view, name, shown, value, excluded }: FilterLinkProps): JSX.Element {
  const params = route.value.view === view ? route.value.params : {};
  const text = `${view} ${excluded ? "without" : "with"} this ${shown}`;
  return (
    <a
      href={hrefTo({
        view,
        params: {
          ...params,
          ...adding(params, { field: attributeField(name), value, excluded }),
          // The log record that has it is not of the list any more.
          ...(excluded && { record: "" }),
        },
      })}
      aria-label={text}
      title={text}
    >
      {excluded ? "−" : "+"}
    </a>
  );
}
