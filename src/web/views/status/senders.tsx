import type { JSX } from "preact";
import { call } from "../../api/call.ts";
import { ColumnHeads } from "../../parts/column-heads.tsx";
import { useRepeated } from "../../parts/live.ts";
import { ServiceName } from "../../parts/service-name.tsx";
import { WideTable } from "../../parts/wide-table.tsx";

const signals = ["spans", "logs", "metrics", "profiles"] as const;
const most = 100;

/** Whose telemetry is held. */
export function Senders(): JSX.Element | null {
  const { answer, refusal } = useRepeated(
    "services",
    (abort) => call("ListServices", { limit: most }, abort),
    5_000,
  );
  if (refusal.value !== "") return <p class="notice bad">{refusal.value}</p>;
  if (answer.value === undefined) return null;
  const { services = [], cursor = "" } = answer.value;
  if (services.length === 0) return <p class="quiet">Nothing is held.</p>;
  return (
    <>
      <WideTable label="Senders">
        <ColumnHeads columns={["service", ...signals.map((figure) => ({ figure }))]} />
        <tbody>
          {services.map((service) => (
            <tr key={service.name}>
              <td>
                <ServiceName service={service.name ?? ""} />
              </td>
              {signals.map((signal) => (
                <td key={signal} class="figure">
                  {Number(service[signal] ?? 0).toLocaleString("en")}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </WideTable>
      {cursor !== "" && <p class="quiet">There are more than {most}: these are the first by name.</p>}
    </>
  );
}
