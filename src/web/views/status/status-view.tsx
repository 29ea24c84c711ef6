import { Fragment, type JSX } from "preact";
import { useRef } from "preact/hooks";
import type { SignalStatsJson } from "../../../../gen/obsvty/v1/query_pb.ts";
import { call } from "../../api/call.ts";
import { loneTime } from "../../format/dates.ts";
import { parseTime } from "../../format/time.ts";
import { bytesText, numberText } from "../../format/value.ts";
import { ColumnHeads } from "../../parts/column-heads.tsx";
import { useRepeated } from "../../parts/live.ts";
import { WideTable } from "../../parts/wide-table.tsx";
import { zone } from "../../state/address.ts";
import { Faults } from "./faults.tsx";
import { reasonsOf } from "./limit-rows.ts";
import { Limits } from "./limits.tsx";
import { mostSenders, Senders } from "./senders.tsx";
import "../../styles/status.css";

/** What only `GET /health` tells. */
interface Health {
  readonly version: string;
  readonly uptimeSeconds: number;
}

/** The server as it was when it was asked, in milliseconds of the page. */
interface KnownServer {
  readonly version: string;
  readonly startedMs: number;
  readonly askedMs: number;
}

/** How long a version and a start are taken to be those of the server. */
const knownForMs = 60_000;

async function readServer(abort: AbortSignal): Promise<KnownServer | undefined> {
  const response = await fetch("health", { signal: abort });
  if (!response.ok) return undefined;
  const { version, uptimeSeconds } = (await response.json()) as Health;
  const askedMs = Date.now();
  return { version, startedMs: askedMs - uptimeSeconds * 1_000, askedMs };
}

/** All that the view shows, in one round. */
function useStatus() {
  const known = useRef<KnownServer>(undefined);
  return useRepeated(
    "status",
    async (abort) => {
      const { current: before } = known;
      const isKnown = before !== undefined && Date.now() - before.askedMs < knownForMs;
      // After a failure it may be another server.
      known.current = undefined;
      const [stats, senders, server] = await Promise.all([
        call("GetStats", {}, abort),
        call("ListServices", { limit: mostSenders }, abort),
        isKnown ? before : readServer(abort),
      ]);
      known.current = server;
      return { stats, senders, server };
    },
    2_000,
  );
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
  const { answer, refusal } = useStatus();
  const { server, stats = {}, senders } = answer.value ?? {};
  const { signals = {}, sinks = {}, limits = {} } = stats;
  const held = Object.values(signals).reduce((sum, { bytes }) => sum + Number(bytes ?? 0), 0);
  return (
    <section class="view scroll" aria-label="Status">
      <h1 class="sr">Status</h1>
      {refusal.value !== "" && <p class="notice bad">{refusal.value}</p>}
      {answer.value && (
        <p role="status">
          {server && `obsvty ${server.version}, up ${uptimeText((Date.now() - server.startedMs) / 1_000)}. `}
          It holds {bytesText(held)} of at most {bytesText(Number(limits.MAX_BUFFER_BYTES?.most ?? 0))}.
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
          {Object.entries(signals).map(([signal, figures]) => (
            <Fragment key={signal}>
              <tr class={reasonsFor(figures).length > 0 ? "has-reasons" : ""}>
                <td>{signal}</td>
                {columns.map((name) => {
                  const figure = Number(figures[name] ?? 0);
                  const isBad =
                    figure > 0 && (name === "rejected" || name === "refused" || name === "unreadable");
                  return (
                    <td key={name} class={`figure${isBad ? " error" : ""}`}>
                      {isBad && "✗ "}
                      {name === "bytes" ? bytesText(figure) : numberText(figure)}
                    </td>
                  );
                })}
                <td class="figure">{numberText(Number(limits.MAX_BUFFER_SIZE?.most ?? 0))}</td>
                <td class="figure mono">{timeText(figures.lastAcceptedTime)}</td>
              </tr>
              <Reasons signal={signal} figures={figures} />
            </Fragment>
          ))}
        </tbody>
      </WideTable>
      <p class="quiet">
        Rejected are items that break OTLP's rules, in requests that were taken otherwise; refused are whole
        requests. Evicted items went to make room for newer ones.
      </p>
      <h2>Limits</h2>
      <Limits limits={limits} />
      <h2>Senders</h2>
      {senders && <Senders senders={senders} />}
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
                      {numberText(Number(figure ?? 0))}
                    </td>
                  ),
                )}
                <td>
                  {sink.lastFailure}{" "}
                  {sink.lastFailure && <span class="mono">{timeText(sink.lastFailureTime)}</span>}
                </td>
              </tr>
            ))}
          </tbody>
        </WideTable>
      )}
      <h2>Exports</h2>
      <Faults signals={Object.keys(signals)} />
    </section>
  );
}

function reasonsFor({ rejectedFor, refusedFor }: SignalStatsJson): readonly string[] {
  return [
    ...reasonsOf(rejectedFor, "item").map((text) => `rejected ${text}`),
    ...reasonsOf(refusedFor, "request").map((text) => `refused ${text}`),
  ];
}

/** Below the figures of a signal: why its items were rejected and its requests refused. */
function Reasons({ signal, figures }: { readonly signal: string; readonly figures: SignalStatsJson }) {
  const reasons = reasonsFor(figures);
  if (reasons.length === 0) return null;
  return (
    <tr>
      <td colSpan={columns.length + 3}>
        <ul class="reasons" aria-label={`Why items and requests of ${signal} were not taken`}>
          {reasons.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      </td>
    </tr>
  );
}

function timeText(text: string | undefined): string {
  const time = parseTime(text);
  return time === undefined ? "–" : loneTime(time, zone.value);
}

function uptimeText(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min` : `${Math.floor(seconds)} s`;
}
