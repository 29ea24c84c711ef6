import type { ObsvtyError } from "../../../domain/errors.ts";
import type { Signal } from "../../../domain/signal.ts";
import type { Body } from "../body/body.ts";
import type { Caller } from "../caller/caller.ts";
import { statusOf } from "../responses/status.ts";
import type { Received } from "./export-response.ts";
import type { Framing } from "./framings/framing.ts";

/** How an export was answered. */
export interface ExportAnswer {
  /** `cancelled`: the caller went away before it was answered. */
  readonly outcome: Received["kind"] | "refused" | "reset" | "cancelled";
  /** Items that were kept. */
  readonly items: number;
  /** Items that the answer calls rejected. */
  readonly rejected: number;
  /** The canonical status code, 0 for OK; undefined when there was no answer. */
  readonly code: number | undefined;
  readonly httpStatus: number | undefined;
  /** What the answer says of a rejection or a refusal. */
  readonly message: string;
}

/** Called once for each export that was answered, with all that is known of it. */
export type ReportExport = (report: ExportReport, answer: ExportAnswer) => void;

/** What a caller sent, for a server in a test that wants to know. */
export class ExportReport {
  readonly signal: Signal;
  readonly framing: Framing;
  readonly caller: Caller;
  /** When the headers had arrived. */
  readonly arrivedMs = Date.now();
  /** Bytes of the body as it was sent; 0 when it was refused before it had arrived. */
  sentBytes = 0;
  /** Bytes of the message, without its frame and after decompression; 0 when it was refused before. */
  messageBytes = 0;
  readonly #report: ReportExport;

  constructor(signal: Signal, framing: Framing, caller: Caller, report: ReportExport) {
    this.signal = signal;
    this.framing = framing;
    this.caller = caller;
    this.#report = report;
  }

  body({ byteLength }: Body): void {
    this.sentBytes = byteLength;
  }

  message({ byteLength }: Body): void {
    this.messageBytes = byteLength;
  }

  received(answer: Received): void {
    const { rejected, message } = answer.kind === "accepted" ? { rejected: 0, message: "" } : answer;
    this.#report(this, {
      outcome: answer.kind,
      items: answer.items,
      rejected,
      code: 0,
      httpStatus: 200,
      message,
    });
  }

  refused(error: ObsvtyError, httpStatus: number): void {
    const { code } = statusOf(error);
    this.#report(this, { ...nothingKept, outcome: "refused", code, httpStatus, message: error.message });
  }

  reset(): void {
    this.#report(this, { ...nothingKept, outcome: "reset" });
  }

  cancelled(): void {
    this.#report(this, { ...nothingKept, outcome: "cancelled" });
  }
}

const nothingKept = { items: 0, rejected: 0, code: undefined, httpStatus: undefined, message: "" } as const;
