import { statusCodeError, type TraceSummary } from "../../domain/telemetry.ts";
import { compareTimes } from "../../domain/time.ts";
import { type SpanCore, statusMessageOf } from "../../otlp/decode/span-core.ts";
import { shortName } from "./short-name.ts";

/** Sums up the spans of one trace. It holds names, not spans. */
export class TraceSummaryBuilder {
  readonly #services = new Set<string>();
  #root: NamedStart | undefined;
  #first: NamedStart | undefined;
  #spanCount = 0;
  #errorCount = 0;
  #errorMessage = "";
  #errorStartUnixNano = 0n;
  #startUnixNano = 0n;
  #endUnixNano = 0n;

  /** @param item the encoded span */
  add(
    { name, parentSpanId, service, statusCode, startUnixNano, endUnixNano }: SpanCore,
    item: Uint8Array,
  ): void {
    this.#spanCount += 1;
    if (statusCode === statusCodeError) {
      this.#errorCount += 1;
      this.#addError(startUnixNano, item);
    }
    if (service !== "") {
      this.#services.add(shortName(service));
    }
    if (parentSpanId === "") {
      this.#root = earlier(this.#root, name, service, startUnixNano);
    }
    this.#first = earlier(this.#first, name, service, startUnixNano);
    if (compareTimes(startUnixNano, this.#startUnixNano) < 0) {
      this.#startUnixNano = startUnixNano;
    }
    if (endUnixNano > this.#endUnixNano) {
      this.#endUnixNano = endUnixNano;
    }
  }

  #addError(startUnixNano: bigint, item: Uint8Array): void {
    if (startUnixNano < this.#errorStartUnixNano) return;
    const message = shortName(statusMessageOf(item));
    if (message === "") return;
    this.#errorMessage = message;
    this.#errorStartUnixNano = startUnixNano;
  }

  /** @param ordinal of the span for which the trace was found */
  summary(traceId: string, ordinal: number): TraceSummary {
    return {
      traceId,
      ordinal,
      rootName: this.#root?.name ?? "",
      ...(this.#root === undefined && { firstSpanName: this.#first?.name ?? "" }),
      rootService: (this.#root ?? this.#first)?.service ?? "",
      services: [...this.#services].sort(),
      ...(this.#errorMessage !== "" && { errorMessage: this.#errorMessage }),
      spanCount: this.#spanCount,
      errorCount: this.#errorCount,
      startUnixNano: this.#startUnixNano,
      endUnixNano: this.#endUnixNano,
    };
  }
}

interface NamedStart {
  readonly name: string;
  readonly service: string;
  readonly startUnixNano: bigint;
}

function earlier(
  found: NamedStart | undefined,
  name: string,
  service: string,
  startUnixNano: bigint,
): NamedStart {
  return found === undefined || compareTimes(startUnixNano, found.startUnixNano) < 0
    ? { name: shortName(name), service: shortName(service), startUnixNano }
    : found;
}
