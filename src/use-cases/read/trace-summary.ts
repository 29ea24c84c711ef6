import { statusCodeError, type TraceSummary } from "../../domain/telemetry.ts";
import { compareTimes } from "../../domain/time.ts";
import type { SpanCore } from "../../otlp/decode/span-core.ts";
import { shortName } from "./short-name.ts";

/** Sums up the spans of one trace. It holds names, not spans. */
export class TraceSummaryBuilder {
  readonly #services = new Set<string>();
  #root: NamedStart | undefined;
  #first: NamedStart | undefined;
  #spanCount = 0;
  #errorCount = 0;
  #startUnixNano = 0n;
  #endUnixNano = 0n;

  add({ name, parentSpanId, service, statusCode, startUnixNano, endUnixNano }: SpanCore): void {
    this.#spanCount += 1;
    if (statusCode === statusCodeError) {
      this.#errorCount += 1;
    }
    if (service !== "") {
      this.#services.add(shortName(service));
    }
    if (parentSpanId === "") {
      this.#root = earlier(this.#root, name, startUnixNano);
    }
    this.#first = earlier(this.#first, name, startUnixNano);
    if (compareTimes(startUnixNano, this.#startUnixNano) < 0) {
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
      ...(this.#root === undefined && { firstSpanName: this.#first?.name ?? "" }),
      services: [...this.#services].sort(),
      spanCount: this.#spanCount,
      errorCount: this.#errorCount,
      startUnixNano: this.#startUnixNano,
      endUnixNano: this.#endUnixNano,
    };
  }
}

interface NamedStart {
  readonly name: string;
  readonly startUnixNano: bigint;
}

function earlier(found: NamedStart | undefined, name: string, startUnixNano: bigint): NamedStart {
  return found === undefined || compareTimes(startUnixNano, found.startUnixNano) < 0
    ? { name: shortName(name), startUnixNano }
    : found;
}
