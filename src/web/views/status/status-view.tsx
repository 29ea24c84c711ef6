import type { JSX } from "preact";
import { loneTime } from "../../format/dates.ts";
import { parseTime } from "../../format/time.ts";
import { bytesText } from "../../format/value.ts";
import { ColumnHeads } from "../../parts/column-heads.tsx";
import { useRepeated, useStats } from "../../parts/live.ts";
import { WideTable } from "../../parts/wide-table.tsx";
import { zone } from "../../state/address.ts";
import { Faults } from "./faults.tsx";
import { reasonsOf } from "./limit-rows.ts";
import { Limits } from "./limits.tsx";
import { Senders } from "./senders.tsx";
import "../../styles/status.css";

/** What of `GET /health` is shown. */
interface Health {
  readonly version: string;
  readonly uptimeSeconds: number;
  readonly bytes: number;
  readonly maxBytes: number;
  readonly signals: Readonly<Record<string, { readonly maxItems: number }>>;
  readonly sinks?: Readonly<Record<string, SinkHealth>>;
}

interface SinkHealth {
  readonly state: string;
  readonly policy: string;
  readonly backlogItems: number;
  readonly delivered: number;
  readonly retried: number;
  readonly missed: number;
  readonly refused: number;
  readonly lastFailure?: string;
}

async function readHealth(abort: AbortSignal): Promise<Health> {
  const response = await fetch("health", { signal: abort });
  if (!response.ok) throw new Error(`the state of the server is not told: HTTP ${response.status}`);
  return (await response.json()) as Health;
}

const columns = [
  "items",
  "bytes",
  "accepted",
  "rejected",
  "refused",
  "evicted",
  "injected",
  "unreadable",
] as const;

export function StatusView(): JSX.Element {
  const { answer: stats, refusal } = useStats();
  const { answer: health } = useRepeated("health", readHealth, 2_000);
  const signals = Object.entries(stats.value?.signals ?? {});
  const reasons = signals.flatMap(([signal, { rejectedFor, refusedFor }]) => [
    ...reasonsOf(rejectedFor, "item").map((text) => `${signal} rejected, ${text}`),
    ...reasonsOf(refusedFor, "request").map((text) => `${signal} refused, ${text}`),
  ]);
  const { version, uptimeSeconds = 0, bytes = 0, maxBytes = 0, sinks = {} } = health.value ?? {};
  return (
    <section class="view scroll" aria-label="Status">
      <h1 class="sr">Status</h1>
      {refusal.value !== "" && <p class="notice bad">{refusal.value}</p>}
      {health.value && (
        <p role="status">
          obsvty {version}, up {uptimeText(uptimeSeconds)}. It holds {bytesText(bytes)} of at most{" "}
          {bytesText(maxBytes)}.
        </p>
      )}
      <h2>Signals</h2>
      <WideTable label="Signals">
        <ColumnHeads
          columns={[
            "signal",
            ...columns.map((name) => ({ figure: name === "items" ? "held" : name })),
            { figure: "holds at most" },
            { figure: "last accepted" },
          ]}
        />
        <tbody>
          {signals.map(([signal, figures]) => (
            <tr key={signal}>
              <td>{signal}</td>
              {columns.map((name) => {
                const figure = Number(figures[name] ?? 0);
                const isBad =
                  figure > 0 && (name === "rejected" || name === "refused" || name === "unreadable");
                return (
                  <td key={name} class={`figure${isBad ? " error" : ""}`}>
                    {isBad && "✗ "}
                    {name === "bytes" ? bytesText(figure) : figure.toLocaleString("en")}
                  </td>
                );
              })}
              <td class="figure">{health.value?.signals[signal]?.maxItems.toLocaleString("en")}</td>
              <td class="figure mono">{timeText(figures.lastAcceptedTime)}</td>
            </tr>
          ))}
        </tbody>
      </WideTable>
      <p class="quiet">
        Rejected are items that break OTLP's rules, in requests that were taken otherwise; refused are whole
        requests. Evicted items went to make room for newer ones.
      </p>
      {reasons.length > 0 && (
        <ul class="reasons" aria-label="Why items were rejected and requests refused">
          {reasons.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
      <h2>Limits</h2>
      <Limits limits={stats.value?.limits} />
      <h2>Senders</h2>
      <Senders />
      <h2>Handing on</h2>
      {Object.keys(sinks).length === 0 ? (
        <p class="quiet">Nothing is handed on.</p>
      ) : (
        <WideTable label="Sinks">
          <ColumnHeads
            columns={[
              "sink",
              "state",
              "policy",
              { figure: "waiting" },
              { figure: "delivered" },
              { figure: "retried" },
              { figure: "missed" },
              { figure: "refused" },
              "last failure",
            ]}
          />
          <tbody>
            {Object.entries(sinks).map(([name, sink]) => (
              <tr key={name}>
                <td>{name}</td>
                <td>{sink.state}</td>
                <td>{sink.policy}</td>
                {[sink.backlogItems, sink.delivered, sink.retried, sink.missed, sink.refused].map(
                  (figure, index) => (
                    <td key={index} class="figure">
                      {figure.toLocaleString("en")}
                    </td>
                  ),
                )}
                <td>{sink.lastFailure ?? ""}</td>
              </tr>
            ))}
          </tbody>
        </WideTable>
      )}
      <h2>Exports</h2>
      <Faults signals={Object.keys(stats.value?.signals ?? {})} />
    </section>
  );
}

function timeText(text: string | undefined): string {
  const time = parseTime(text);
  return time === undefined ? "–" : loneTime(time, zone.value);
}

function uptimeText(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min` : `${seconds} s`;
}
