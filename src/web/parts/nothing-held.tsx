import type { JSX } from "preact";
import type { Signal } from "../../domain/signal.ts";
import { nothingText } from "../format/nothing.ts";
import { useStats } from "./live.ts";

interface NothingHeldProps {
  readonly signal: Signal;
  /** What is not held, such as `span`. */
  readonly one: string;
  /** For who waits for the first one. */
  readonly hint: string;
}

/** In place of an empty list, whose view asks for no figures of its signal otherwise. */
export function NothingHeld({ signal, one, hint }: NothingHeldProps): JSX.Element {
  const { answer } = useStats();
  const figures = answer.value?.signals?.[signal];
  return <p class="empty">{answer.value && nothingText(one, figures, hint)}</p>;
}
