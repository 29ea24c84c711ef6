import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { numberText } from "../../format/value.ts";
import { ColumnHeads } from "../../parts/column-heads.tsx";
import type { ChartData } from "./chart-data.ts";
import type { Column } from "./columns.ts";
import { percentiles, percentilesAt } from "./distribution.ts";

interface BucketCountsProps {
  readonly data: ChartData;
  readonly columns: readonly Column[];
  /** @param x seconds since the epoch */
  readonly timeText: (x: number) => string;
  /** A measurement with its unit. */
  readonly valueText: (value: number) => string;
}

const mostRows = 60;

/** What a heat map draws, as a table: for each time how many measurements are in each bucket. It is made when it is opened. */
export function BucketCounts({ data, columns, timeText, valueText }: BucketCountsProps): JSX.Element {
  const isOpen = useSignal(false);
  const { times, lines } = data;
  const shown = columns.slice(-mostRows).toReversed();
  return (
    <details
      onToggle={({ currentTarget }) => {
        isOpen.value = currentTarget.open;
      }}
    >
      <summary>counts by time and bucket</summary>
      {isOpen.value && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys
        <section class="counts" tabIndex={0} aria-label="Counts by time and bucket">
          <table>
            <ColumnHeads
              columns={[
                "time",
                ...[...percentiles.map((percent) => `p${percent}`), ...lines.map(({ label }) => label)].map(
                  (figure) => ({ figure }),
                ),
              ]}
            />
            <tbody>
              {shown.map(({ step }) => (
                <tr key={step}>
                  <th scope="row" class="mono">
                    {timeText(times[step] ?? 0)}
                  </th>
                  {percentilesAt(lines, step).map(({ name, value }) => (
                    <td key={name} class="figure">
                      {valueText(value)}
                    </td>
                  ))}
                  {lines.map(({ values }, line) => (
                    <td key={line} class="figure">
                      {numberText(Math.round(values[step] ?? 0))}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
          {columns.length > mostRows && (
            <p class="quiet">
              The newest {mostRows} of {numberText(columns.length)} times.
            </p>
          )}
        </section>
      )}
    </details>
  );
}
