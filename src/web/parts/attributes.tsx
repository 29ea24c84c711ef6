import type { JsonObject } from "@bufbuild/protobuf";
import type { JSX } from "preact";
import { valueText } from "../format/value.ts";
import { hrefTo, route } from "../state/address.ts";
import { attributeField } from "../state/filter-fields.ts";
import { adding } from "../state/filters.ts";
import { CopyButton } from "./copy.tsx";
import { ValueView } from "./value-view.tsx";

interface AttributesProps {
  readonly title: string;
  readonly attributes: JsonObject | undefined;
  /** The list that `+` and `-` filter. What is filtered by already stays where it is this list that is shown. */
  readonly view: "traces" | "logs";
}

/** Attributes by key, each to be copied and filtered by. */
export function Attributes({ title, attributes = {}, view }: AttributesProps): JSX.Element | null {
  const entries = Object.entries(attributes).sort(([one], [other]) => (one < other ? -1 : 1));
  if (entries.length === 0) return null;
  return (
    <>
      {title !== "" && <h3>{title}</h3>}
      <dl class="attributes">
        {entries.map(([key, value]) => (
          <div key={key}>
            <dt>{key}</dt>
            <dd>
              <ValueView value={value} />
              <span class="tools">
                <FilterLink view={view} name={key} value={valueText(value)} excluded={false} />
                <FilterLink view={view} name={key} value={valueText(value)} excluded={true} />
                <CopyButton text={valueText(value)} label={`copy ${key}`} />
              </span>
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}

interface FilterLinkProps {
  readonly view: "traces" | "logs";
  readonly name: string;
  readonly value: string;
  readonly excluded: boolean;
}

function FilterLink({ view, name, value, excluded }: FilterLinkProps): JSX.Element {
  const params = route.value.view === view ? route.value.params : {};
  const text = `${view} ${excluded ? "without" : "with"} this ${name}`;
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
