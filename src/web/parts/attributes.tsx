import type { JsonObject } from "@bufbuild/protobuf";
import type { JSX } from "preact";
import { readableValue, valueText } from "../format/value.ts";
import { hrefTo } from "../state/address.ts";
import { attributePrefix } from "../state/filters.ts";
import { CopyButton } from "./copy.tsx";

interface AttributesProps {
  readonly title: string;
  readonly attributes: JsonObject | undefined;
  /** The list in which `+` filters. */
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
              <span class="value">{readableValue(value)}</span>
              <span class="tools">
                <a
                  href={hrefTo({ view, params: { [attributePrefix + key]: valueText(value) } })}
                  aria-label={`${view} with this ${key}`}
                  title={`${view} with this ${key}`}
                >
                  +
                </a>
                <CopyButton text={valueText(value)} label={`copy ${key}`} />
              </span>
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}
