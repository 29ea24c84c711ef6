import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { type ErrorCode, ObsvtyError } from "../../../domain/errors.ts";
import type { Signal } from "../../../domain/signal.ts";
import {
  type EncodedRequest,
  type EncodingOptions,
  encodeJsonRequest,
} from "../../../otlp/json/encode-request.ts";

/*
 * Both sides of the thread on which large JSON requests are encoded. This file is the thread's program too, so it
 * is imported dynamically by its user: then the bundler gives it a file of its own.
 */

/** One request to encode. */
export interface JsonJob {
  readonly signal: Signal;
  readonly json: Uint8Array<ArrayBuffer>;
  readonly options: EncodingOptions;
}

export type JsonResult =
  | { readonly kind: "encoded"; readonly request: EncodedRequest }
  | { readonly kind: "refused"; readonly code: ErrorCode; readonly message: string };

/** Tells the program of the thread from an import of this file, on other threads too. */
const role = "obsvty-json";

/** @param maxHeapMib at which the thread ends in place of the process */
export function startJsonThread(maxHeapMib: number): Worker {
  return new Worker(new URL(import.meta.url), {
    name: role,
    workerData: role,
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMib },
  });
}

if (!isMainThread && workerData === role) {
  parentPort?.on("message", (job: JsonJob) => {
    const result = encode(job);
    const moved = result.kind === "encoded" ? [result.request.bytes.buffer as ArrayBuffer] : [];
    parentPort?.postMessage(result, moved);
  });
}

function encode({ signal, json, options }: JsonJob): JsonResult {
  try {
    const { bytes, report } = encodeJsonRequest(signal, json, options);
    // A copy of its own size: the buffer is moved whole.
    return { kind: "encoded", request: { bytes: bytes.slice(), report } };
  } catch (reason) {
    const { code, message } = ObsvtyError.from(reason);
    return { kind: "refused", code, message };
  }
}
