import type { JSX } from "preact";
import { beginningOf, nameOr } from "../format/value.ts";

interface NameTextProps {
  readonly name: string;
  /** Shown in place of an empty name. */
  readonly none: string;
}

/** A name of telemetry in a table: in one line, which is cut where it would take the room of others. */
export function NameText({ name, none }: NameTextProps): JSX.Element {
  const shown = nameOr(name, none);
  return (
    <bdi class="cut" title={shown.length > 30 ? beginningOf(shown, 2_000) : undefined}>
      {shown}
    </bdi>
  );
}
