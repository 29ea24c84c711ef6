import type { JSX } from "preact";
import { route, setParams } from "../state/address.ts";
import { attributeFilters, attributePrefix, severities } from "../state/filters.ts";
import { useServices } from "./live.ts";

/** The fields by which a list is filtered, each a parameter of the address, and the attributes as chips. */
export function FilterBar({ kind }: { readonly kind: "spans" | "logs" }): JSX.Element {
  const { params } = route.value;
  const { answer } = useServices();
  const names = (answer.value?.services ?? []).map(({ name = "" }) => name).filter((name) => name !== "");
  const set = (name: string) => (event: Event) => {
    setParams({ [name]: (event.currentTarget as HTMLInputElement).value });
  };
  const field = (name: string, label: string, props: JSX.IntrinsicElements["input"] = {}) => (
    <label>
      {label} <input {...props} value={params[name] ?? ""} onChange={set(name)} autocomplete="off" />
    </label>
  );
  const isSet = Object.entries(params).some(([name, value]) => name !== "tz" && value !== "");
  return (
    <form class="filters" onSubmit={(event) => event.preventDefault()} aria-label="Filter">
      {field("service", "service", { list: "service-names", "data-filter": true } as object)}
      <datalist id="service-names">
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      {kind === "spans" ? (
        <>
          {field("name", "span name")}
          {field("min", "at least", { placeholder: "10ms", size: 6 })}
          <label>
            <input
              type="checkbox"
              checked={params.status === "error"}
              onChange={({ currentTarget }) => setParams({ status: currentTarget.checked ? "error" : "" })}
            />{" "}
            errors
          </label>
        </>
      ) : (
        <>
          <label>
            severity{" "}
            <select value={params.severity ?? ""} onChange={set("severity")}>
              <option value="">any</option>
              {severities.map((name) => (
                <option key={name} value={name}>
                  {name} or worse
                </option>
              ))}
            </select>
          </label>
          {field("text", "text")}
        </>
      )}
      {params.trace && <Chip text={`trace: ${params.trace}`} name="trace" />}
      {attributeFilters(params).map(([key, value]) => (
        <Chip key={key} text={`${key}: ${value}`} name={attributePrefix + key} />
      ))}
      {isSet && (
        <button
          type="button"
          onClick={() =>
            setParams(
              Object.fromEntries(
                Object.keys(params).map((name) => [name, name === "tz" ? (params.tz ?? "") : ""]),
              ),
            )
          }
        >
          clear
        </button>
      )}
    </form>
  );
}

function Chip({ text, name }: { readonly text: string; readonly name: string }): JSX.Element {
  return (
    <span class="chip">
      {text}{" "}
      <button type="button" aria-label={`remove ${text}`} onClick={() => setParams({ [name]: "" })}>
        ×
      </button>
    </span>
  );
}
