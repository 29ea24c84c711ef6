import type { Span, TraceSummary } from "../../domain/telemetry.ts";
import { shortName } from "./short-name.ts";

/** OTLP's STATUS_CODE_ERROR. */
const statusCodeError = 2;

/** Sums up the spans of one trace. It holds names, not spans. */
export class TraceSummaryBuilder {
  readonly #services = new Set<string>();
  #root: { readonly name: string; readonly startUnixNano: bigint } | undefined;
  #spanCount = 0;
  #errorCount = 0;
  #startUnixNano = 0n;
  #endUnixNano = 0n;

  add({ name, parentSpanId, service, status, startUnixNano, endUnixNano }: Span): void {
    this.#spanCount += 1;
    if (status.code === statusCodeError) {
      this.#errorCount += 1;
    }
    if (service !== "") {
      this.#services.add(shortName(service));
    }
    if (
      parentSpanId === "" &&
      (this.#root === undefined || startedBefore(startUnixNano, this.#root.startUnixNano))
    ) {
      this.#root = { name: shortName(name), startUnixNano };
    }
    if (startedBefore(startUnixNano, this.#startUnixNano)) {
      this.#startUnixNano = startUnixNano;
    }
    if (endUnixNano > this.#endUnixNano) {
      this.#endUnixNano = endUnixNano;
    }
  }

  /** @param ordinal of the span for which the trace was found */
  summary(traceId: string, ordinal: number): TraceSummary {
    return {
      traceId,
      ordinal,
      rootName: this.#root?.name ?? "",
      services: [...this.#services].sort(),
      spanCount: this.#spanCount,
      errorCount: this.#errorCount,
      startUnixNano: this.#startUnixNano,
      endUnixNano: this.#endUnixNano,
    };
  }
}

/** 0 is OTLP's way to say that a time is not known: it is not the earliest. */
function startedBefore(unixNano: bigint, other: bigint): boolean {
  return unixNano !== 0n && (other === 0n || unixNano < other);
}
