import { RingStore } from "../../../src/adapters/outbound/ring-buffer/ring-store.ts";
import { itemSignals } from "../../../src/domain/item-kind.ts";
import { requestSchemas } from "../../../src/otlp/services.ts";
import { appendBytes, encode } from "../../contract/store-requests.ts";
import { checkColumns, oddQuestion } from "../../support/columns-oracle.ts";
import { mutate } from "../../support/mutate.ts";
import { oddRequest } from "../../support/odd-telemetry.ts";
import type { FuzzTarget } from "../fuzz-target.ts";

const kinds = ["spans", "logs", "metrics"] as const;

/**
 * Damaged requests that are kept all the same: what the index tells of their items, of which figures are made, is what
 * decoding tells.
 */
export function openTarget(): FuzzTarget {
  const store = new RingStore({ maxItems: 1_000, maxBytes: 2 ** 21, maxRequestBytes: 2 ** 20 });
  return {
    make(random) {
      const kind = random.below(kinds.length);
      const signal = itemSignals[kinds[kind]!];
      const seed = random.below(256);
      const bytes = encode(signal, oddRequest(signal, random.below(100_000), 1 + random.below(6)));
      return Buffer.concat([Buffer.of(kind, seed), mutate(requestSchemas[signal], bytes, random)]);
    },
    check(input) {
      const kind = kinds[(input[0] ?? 0) % kinds.length]!;
      const signal = itemSignals[kind];
      store.clear();
      if (appendBytes(store, signal, input.subarray(2)).kind === "refused") return "refused";
      const { first, next } = store.range(signal);
      if (first === next) return "empty";
      const question = oddQuestion(kind, input[1] ?? 0);
      checkColumns(store, kind, question, kind);
      const { groupBy } = question;
      return checkColumns(store, kind, { groupBy, filter: {} }, kind) > 0 ? "decided" : "left to decoding";
    },
    verdicts: ["refused", "decided", "left to decoding"],
  };
}
