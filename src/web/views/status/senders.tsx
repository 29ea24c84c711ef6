import type { JSX } from "preact";
import type { ListServicesResponseJson } from "../../../../gen/obsvty/v1/query_pb.ts";
import { numberText } from "../../format/value.ts";
import { ColumnHeads } from "../../parts/column-heads.tsx";
import { ServiceName } from "../../parts/service-name.tsx";
import { WideTable } from "../../parts/wide-table.tsx";

const signals = ["spans", "logs", "metrics", "profiles"] as const;

/** More senders than these are not asked for. */
export const mostSenders = 100;

/** Whose telemetry is held. */
export function Senders({ senders }: { readonly senders: ListServicesResponseJson }): JSX.Element {
  const { services = [], cursor = "" } = senders;
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
                  {numberText(Number(service[signal] ?? 0))}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </WideTable>
      {cursor !== "" && <p class="quiet">There are more than {mostSenders}: these are the first by name.</p>}
    </>
  );
}
