import type { JSX } from "preact";
import { type DateForm, listTime } from "../format/dates.ts";
import { exactTime } from "../format/time.ts";
import { zone } from "../state/address.ts";
import { Cell, HeadCell } from "./table.tsx";

interface TimeCellProps {
  readonly time: bigint | undefined;
  /** Of all rows of the list. */
  readonly dates: DateForm;
}

/** When an item was, to the millisecond; its title has it to the nanosecond. */
export function TimeCell({ time, dates }: TimeCellProps): JSX.Element {
  return (
    <Cell class={`time ${dates}`} title={time === undefined ? "" : exactTime(time, zone.value)}>
      {time === undefined ? "no time" : listTime(time, zone.value, dates)}
    </Cell>
  );
}

export function TimeHead({ dates }: Pick<TimeCellProps, "dates">): JSX.Element {
  return <HeadCell class={`time ${dates}`}>time</HeadCell>;
}
