import type { Signal } from "../../src/domain/signal.ts";
import { mergeRequests } from "../../src/otlp/merge-requests.ts";
import type { AcceptedRequest, Delivery, TelemetrySink } from "../../src/ports/telemetry-sink.ts";

/** What the destination of a fake sink does with a delivery. */
export type Outside =
  | "takes all"
  | "is down"
  | "refuses"
  /** Rejects one item. */
  | "takes part"
  /** Answers nothing until the abort. */
  | "stalls"
  | ((signal: Signal, requests: readonly AcceptedRequest[], abort: AbortSignal) => Promise<Delivery>);

/** The port `TelemetrySink` with a destination that does as a test says. */
export class FakeSink implements TelemetrySink {
  readonly name: string;
  readonly maxBytes: number;
  outside: Outside = "takes all";
  closed = 0;
  /** How often it was called. */
  calls = 0;
  readonly #taken: { readonly signal: Signal; readonly bytes: Uint8Array }[] = [];

  constructor({ name = "fake", maxBytes = 2 ** 22 } = {}) {
    this.name = name;
    this.maxBytes = maxBytes;
  }

  /** The encoded requests that the destination has. */
  taken(signal: Signal): Uint8Array[] {
    return this.#taken.filter((each) => each.signal === signal).map(({ bytes }) => bytes);
  }

  async deliver(signal: Signal, requests: readonly AcceptedRequest[], abort: AbortSignal): Promise<Delivery> {
    this.calls += 1;
    const { outside } = this;
    if (abort.aborted) return { kind: "later", code: "aborted" };
    if (typeof outside === "function") return outside(signal, requests, abort);
    switch (outside) {
      case "is down":
        return { kind: "later", code: "ECONNREFUSED" };
      case "refuses":
        return { kind: "refused", code: "INVALID_ARGUMENT" };
      case "stalls":
        await new Promise((resolve) => abort.addEventListener("abort", resolve, { once: true }));
        return { kind: "later", code: "timeout" };
      case "takes part":
        this.take(signal, requests);
        return { kind: "partly-delivered", rejected: 1 };
      case "takes all":
        this.take(signal, requests);
        return { kind: "delivered" };
    }
  }

  take(signal: Signal, requests: readonly AcceptedRequest[]): void {
    this.#taken.push({ signal, bytes: mergeRequests(requests).slice() });
  }

  async close(): Promise<void> {
    this.closed += 1;
  }
}
