import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { ServiceCallsJson } from "../../../../gen/obsvty/v1/query_pb.ts";
import { call } from "../../api/call.ts";
import { shortSeconds } from "../../format/time.ts";
import { countOf, nameOr, numberText } from "../../format/value.ts";
import { visible } from "../../format/visible.ts";
import { ColumnHeads } from "../../parts/column-heads.tsx";
import { useRepeated } from "../../parts/live.ts";
import { NothingHeld } from "../../parts/nothing-held.tsx";
import { ServiceName } from "../../parts/service-name.tsx";
import { WideTable } from "../../parts/wide-table.tsx";
import { hrefTo } from "../../state/address.ts";
import { hueOfService } from "../../state/service-hues.ts";
import { type GraphNode, layOut, nodeHeight, nodeWidth } from "./graph-layout.ts";

/** The API tells of no more. */
const mostServices = 1_000;
/** With more lines than this their texts would lie on each other; then they show for the service that is pointed at. */
const maxTexts = 24;
/** Characters of a name that fit into the box of a service. */
const maxName = 21;

/** Which service calls which. The table below the drawing tells the same. */
export function ServiceGraph(): JSX.Element {
  const { answer, refusal } = useRepeated(
    "graph",
    (abort) => call("GetServiceGraph", { limit: 300 }, abort),
    3_000,
    "traces",
  );
  const { calls = [], services = [], leftOutPairs = 0, notLookedAt = 0 } = answer.value ?? {};
  const pointedAt = useSignal<GraphNode | undefined>(undefined);
  const layout = useMemo(
    () =>
      layOut(
        calls,
        services.map(({ name = "" }) => name),
      ),
    [answer.value],
  );
  const isNear = (node: GraphNode) => {
    const chosen = pointedAt.value;
    return chosen?.name === node.name && chosen.peer === node.peer;
  };
  const edges = layout.edges.map(({ from, to, calls: pair, path, x, y }) => {
    const near = isNear(from) || isNear(to);
    const failed = (pair.errorCount ?? 0) > 0;
    const looks = `edge ${failed ? "failed" : ""} ${near ? "near" : ""} ${pair.messaging ? "messaging" : ""}`;
    return { key: JSON.stringify([from.name, to.name, to.peer]), looks, near, failed, pair, path, x, y };
  });
  if (refusal.value !== "") return <p class="notice bad">{refusal.value}</p>;
  if (answer.value === undefined) return <p class="empty" />;
  if (services.length === 0)
    return <NothingHeld signal="traces" one="span" hint="Services appear here as their spans come." />;
  return (
    <>
      <p role="status">
        {countOf(services.length, "service")}
        {services.length === mostServices && " or more"}, {countOf(calls.length, "pair")} of caller and callee
        {leftOutPairs > 0 && `; ${countOf(leftOutPairs, "pair")} with fewer calls left out`}
        {notLookedAt > 0 && `; ${countOf(notLookedAt, "older span")} not looked at`}
      </p>
      <figure class="graph" aria-label="Which service calls which; the table below has the figures">
        <svg width={layout.width} height={layout.height}>
          <title>Which service calls which</title>
          <defs>
            <marker
              id="arrow"
              viewBox="0 0 8 8"
              refX="8"
              refY="4"
              markerWidth="7"
              markerHeight="7"
              orient="auto"
            >
              <path class="arrow" d="M 0 0 L 8 4 L 0 8 z" />
            </marker>
          </defs>
          {edges.map(({ key, looks, path }) => (
            <path key={key} class={looks} d={path} marker-end="url(#arrow)" />
          ))}
          {/* After all lines, none of which crosses a text then. */}
          {edges.map(
            ({ key, looks, near, failed, pair, x, y }) =>
              (near || edges.length <= maxTexts) && (
                <text key={key} class={looks} x={x} y={y - 3}>
                  {[
                    numberText(pair.calls ?? 0),
                    ...(failed ? [`✗ ${numberText(pair.errorCount ?? 0)}`] : []),
                    shortSeconds(pair.p95),
                  ].join(" · ")}
                </text>
              ),
          )}
          {layout.nodes.map((node) => (
            <a
              key={`${node.peer} ${node.name}`}
              class={`node hue-${hueOfService(node.name)} ${node.peer ? "peer" : ""}`}
              href={hrefTo({ view: "traces", params: node.peer ? {} : { service: node.name } })}
              aria-label={
                node.peer
                  ? `${node.name}, which sends nothing`
                  : `traces of ${nameOr(node.name, "the spans without a service")}`
              }
              onPointerEnter={() => {
                pointedAt.value = node;
              }}
              onPointerLeave={() => {
                pointedAt.value = undefined;
              }}
              onFocus={() => {
                pointedAt.value = node;
              }}
              onBlur={() => {
                pointedAt.value = undefined;
              }}
            >
              <title>{node.name}</title>
              <rect x={node.x} y={node.y} width={nodeWidth} height={nodeHeight} rx="5" />
              <text x={node.x + nodeWidth / 2} y={node.y + nodeHeight / 2}>
                {shortName(node.name)}
              </text>
            </a>
          ))}
        </svg>
      </figure>
      <p class="quiet">
        A line says how many calls there were, how many failed (✗), and the 95th percentile of how long they
        took. Dotted lines are messages; a dotted frame is a service that sends nothing.
      </p>
      {calls.length > 0 && <CallTable calls={calls} />}
    </>
  );
}

function shortName(name: string): string {
  const shown = visible(nameOr(name, "(no service)"));
  return shown.length > maxName ? `${shown.slice(0, maxName - 1)}…` : shown;
}

function CallTable({ calls }: { readonly calls: readonly ServiceCallsJson[] }): JSX.Element {
  return (
    <WideTable label="Pairs of caller and callee" rowKeys>
      <ColumnHeads
        columns={[
          "caller",
          "callee",
          { figure: "calls" },
          { figure: "errors" },
          { figure: "p50" },
          { figure: "p95" },
          { figure: "p99" },
          { figure: "longest" },
        ]}
      />
      <tbody>
        {calls.map(({ caller = "", callee = "", peer = false, messaging, calls, errorCount, ...times }) => (
          <tr key={JSON.stringify([caller, callee, peer])}>
            <td>
              <a href={hrefTo({ view: "traces", params: { service: caller } })}>
                <ServiceName service={caller} />
              </a>
            </td>
            <td>
              <ServiceName service={callee} />
              {peer && <em> sends nothing</em>}
              {messaging && <em> messages</em>}
            </td>
            <td class="figure">{numberText(calls ?? 0)}</td>
            <td class="figure">
              {(errorCount ?? 0) > 0 && <span class="error">✗ {numberText(errorCount ?? 0)}</span>}
            </td>
            <td class="figure">{shortSeconds(times.p50)}</td>
            <td class="figure">{shortSeconds(times.p95)}</td>
            <td class="figure">{shortSeconds(times.p99)}</td>
            <td class="figure">{shortSeconds(times.max)}</td>
          </tr>
        ))}
      </tbody>
    </WideTable>
  );
}
