import type { JSX } from "preact";
import { beginningOf, nameOr } from "../format/value.ts";

interface NameTextProps {
  readonly name: string;
  /** Shown in place of an empty name. */
  readonly none: string;
}

/** Names that a person reads are shorter. */
const mostBreakable = 200;

/** A name of telemetry in a table: in one line, which is cut where it would take the room of others. */
export function NameText({ name, none }: NameTextProps): JSX.Element {
  const shown = nameOr(name, none);
  return (
    <bdi class="cut" title={shown.length > 30 ? beginningOf(shown, 2_000) : undefined}>
      <Breakable text={shown} />
    </bdi>
  );
}

/** A text that breaks behind its points, underscores and slashes before it breaks inside of words. */
export function Breakable({ text }: { readonly text: string }): JSX.Element {
  const parts = text.length > mostBreakable ? [text] : text.split(/(?<=[._/])(?=[^._/])/);
  return <>{parts.flatMap((part, index) => (index === 0 ? part : [<wbr key={index} />, part]))}</>;
}
