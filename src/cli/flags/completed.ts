import type { Argument, Option } from "commander";
import type { ItemKind } from "../../domain/item-kind.ts";

/** What a shell completes the value of a flag or an argument with. */
export interface Completed {
  readonly words?: readonly string[];
  /** Whether the value is a list of them, with commas between. */
  readonly isList?: boolean;
  readonly isFile?: boolean;
  readonly held?: Held;
}

/** Values that only the server knows. */
export type Held =
  | { readonly what: "services" | "span names" | "metric names" | "trace ids" }
  | {
      readonly what: "attribute keys" | "attributes" | "attribute groups";
      readonly of: ItemKind;
    };

const known = new WeakMap<Option | Argument, Completed>();

/** Says what completes a flag or an argument whose choices commander does not know. */
export function completedBy<Of extends Option | Argument>(of: Of, completed: Completed): Of {
  known.set(of, completed);
  return of;
}

export function completionOf(of: Option | Argument): Completed {
  const { argChoices } = of as { readonly argChoices?: readonly string[] };
  return argChoices === undefined ? (known.get(of) ?? {}) : { words: argChoices };
}
