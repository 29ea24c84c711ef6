import type { ObsvtyError } from "./errors.ts";

/** The outcome of one export request. Partial success is normal (OTLP 1.11, "Partial Success"). */
export type IngestOutcome = KeptOutcome | { readonly kind: "refused"; readonly error: ObsvtyError };

export type KeptOutcome =
  | { readonly kind: "accepted"; readonly items: number }
  | {
      readonly kind: "partly-accepted";
      readonly items: number;
      readonly rejected: number;
      /** One line for people: the first reason of each kind, with the path of the item. */
      readonly message: string;
    };
