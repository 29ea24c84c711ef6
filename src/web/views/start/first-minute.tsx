import type { JSX } from "preact";
import type { GetStatsResponseJson } from "../../../../gen/obsvty/v1/query_pb.ts";
import { countOf } from "../../format/value.ts";
import { CopyButton } from "../../parts/copy.tsx";
import { hrefTo } from "../../state/address.ts";
import { senders } from "./senders.ts";
import "../../styles/start.css";

/** While no trace is held: how to send. The list takes its place when the first span comes. */
export function FirstMinute({ stats }: { readonly stats: GetStatsResponseJson | undefined }): JSX.Element {
  const held = (signal: string) => Number(stats?.signals?.[signal]?.items ?? 0);
  const { traces } = stats?.signals ?? {};
  const went = Number(traces?.evicted ?? 0) > 0;
  const refused = Number(traces?.refused ?? 0) + Number(traces?.rejected ?? 0);
  return (
    <section class="view start" aria-labelledby="start-title">
      <h1 id="start-title">{went ? "No trace is held any more" : "Waiting for the first span"}</h1>
      <p role="status">
        <span class="state live">live</span> The list appears here as soon as one comes.{" "}
        {held("logs") > 0 && (
          <a href={hrefTo({ view: "logs" })}>{countOf(held("logs"), "log record")} came.</a>
        )}{" "}
        {held("metrics") > 0 && (
          <a href={hrefTo({ view: "metrics" })}>{countOf(held("metrics"), "data point")} came.</a>
        )}
      </p>
      {refused > 0 && (
        <p class="notice bad">
          {countOf(refused, "request or span", "requests and spans")} came and could not be taken.{" "}
          <a href={hrefTo({ view: "status" })}>Status</a> has the figures; the server's log has the reasons.
        </p>
      )}
      {senders(location.origin).map(({ language, lines }) => (
        <article key={language}>
          <h2>{language}</h2>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys */}
          <pre tabIndex={0}>{lines}</pre>
          <CopyButton text={lines} label={`copy the lines for ${language}`} />
        </article>
      ))}
    </section>
  );
}
