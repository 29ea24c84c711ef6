import type { ForwardingPath } from "../../../use-cases/hand-on/forwarding-path.ts";
import type { FaultScript } from "../../../use-cases/ingest/fault-script.ts";
import type { Ingest } from "../../../use-cases/ingest/ingest.ts";
import type { ReadingResources } from "../body/body-reader.ts";
import type { ObserveExport } from "../metrics/export-durations.ts";
import type { RecordRefusal } from "../responses/refusal.ts";
import type { ReportExport } from "./export-report.ts";
import type { JsonEncoder } from "./json-encoder.ts";
import type { LogPartialSuccess } from "./partial-success-log.ts";

/** What all exports share, whichever way they came in: `app.getDecorator<ReceiverResources>("receiver")`. */
export interface ReceiverResources extends ReadingResources {
  readonly ingest: Ingest;
  /** The script of failures on purpose; undefined unless FAULT_INJECTION is set. */
  readonly faults: FaultScript | undefined;
  /** Undefined unless exports are handed on to another OTLP endpoint. */
  readonly forwardingPath: ForwardingPath | undefined;
  /** Aborts when the server stops, with the error that callers get. */
  readonly stopping: AbortSignal;
  readonly jsonEncoder: JsonEncoder;
  readonly recordRefusal: RecordRefusal;
  readonly logPartialSuccess: LogPartialSuccess;
  readonly observeExport: ObserveExport;
  /** Told of each export when it has been answered. Undefined in a server that nobody looks into. */
  readonly reportExport: ReportExport | undefined;
  /** Bytes of one request, before and after inflating. */
  readonly maxReceiveMessageLength: number;
  /** Time that a body may take, in milliseconds. */
  readonly requestTimeoutMs: number;
}
