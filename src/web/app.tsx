import type { ComponentType, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { HelpButton } from "./parts/help.tsx";
import { lazyView } from "./parts/lazy-view.tsx";
import { FileButton, OpenedFiles } from "./parts/opened-files.tsx";
import { TokenField } from "./parts/token-field.tsx";
import { hrefTo, route, setParams, zone } from "./state/address.ts";
import { type ViewName, views } from "./state/route.ts";
import { forgetTroubles, offerRefusal, tokenWanted, trouble } from "./state/session.ts";
import { TraceView } from "./views/trace/trace-view.tsx";
import { TracesView } from "./views/traces/traces-view.tsx";

/** A trace is reached from others. */
const tabs = views.filter((view) => view !== "trace");

const viewOf: Readonly<Record<ViewName, ComponentType>> = {
  traces: TracesView,
  trace: TraceView,
  logs: lazyView(async () => (await import("./views/logs/logs-view.tsx")).LogsView),
  metrics: lazyView(async () => (await import("./views/metrics/metrics-view.tsx")).MetricsView),
  services: lazyView(async () => (await import("./views/services/services-view.tsx")).ServicesView),
  profiles: lazyView(async () => (await import("./views/profiles/profiles-view.tsx")).ProfilesView),
  status: lazyView(async () => (await import("./views/status/status-view.tsx")).StatusView),
};

export function App(): JSX.Element {
  const { view } = route.value;
  const View = viewOf[view];
  const tab = view === "trace" ? "traces" : view;
  const main = useRef<HTMLElement>(null);
  const { id } = route.value;
  useEffect(forgetTroubles, [view]);
  useEffect(() => {
    // The first of an id tells tabs apart.
    document.title = `${id === "" ? view : `${view} ${id.slice(0, 8)}`} · obsvty`;
  }, [view, id]);
  return (
    <>
      <header>
        {/* No link: what an address has after "#" is the view. */}
        <button type="button" class="skip" onClick={() => main.current?.focus()}>
          skip to the content
        </button>
        <a class="brand" href={hrefTo({ view: "traces" })}>
          obsvty
        </a>
        <nav aria-label="Views">
          {tabs.map((name) => (
            <a key={name} href={hrefTo({ view: name })} aria-current={name === tab ? "page" : undefined}>
              {name}
            </a>
          ))}
        </nav>
        <span class="end">
          <FileButton />
          <button
            type="button"
            title="the zone of the times that are shown"
            onClick={() => setParams({ tz: zone.value === "utc" ? "" : "utc" })}
          >
            {zone.value === "utc" ? "UTC" : "local time"}
          </button>
          <HelpButton />
        </span>
      </header>
      <OpenedFiles />
      {trouble.value !== undefined && (
        <p class="notice bad" role="alert">
          {trouble.value.text}
        </p>
      )}
      {offerRefusal.value !== "" && (
        <p class="notice bad" role="alert">
          {offerRefusal.value}{" "}
          <button
            type="button"
            class="small"
            onClick={() => {
              offerRefusal.value = "";
            }}
          >
            close
          </button>
        </p>
      )}
      <main ref={main} tabIndex={-1}>
        {tokenWanted.value === undefined ? <View /> : <TokenField reason={tokenWanted.value} />}
      </main>
    </>
  );
}
