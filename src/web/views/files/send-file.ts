import { type Signal, signalTraits } from "../../../domain/signal.ts";
import { authorization } from "../../api/authorization.ts";
import { waitOf } from "../../api/server-trouble.ts";
import type { BadLines } from "./file-worker.ts";
import { NotOtlp, type OnBadLine } from "./json-pieces.ts";
import { partialSuccessOf, statusMessageOf } from "./protobuf-pieces.ts";
import { readApart } from "./read-apart.ts";
import type { FileRequest } from "./read-file.ts";

/** How the sending of a file goes. */
export interface Sending {
  readonly name: string;
  readonly state: "sending" | "sent" | "failed";
  /** Bytes of the file, and characters or bytes of it that were sent. */
  readonly size: number;
  readonly sentSize: number;
  readonly requests: number;
  readonly signals: readonly Signal[];
  readonly rejected: number;
  /** Why it failed, or why items were rejected. */
  readonly reason: string;
  /** How many lines of the file could not be sent, and what is wrong with the first of them. */
  readonly badLines: number;
  readonly firstBadLine: string;
}

export function beginSending({ name, size }: File): Sending {
  return {
    name,
    state: "sending",
    size,
    sentSize: 0,
    requests: 0,
    signals: [],
    rejected: 0,
    reason: "",
    badLines: 0,
    firstBadLine: "",
  };
}

/** Sends a file to the server that has the page, by its own routes of OTLP. Tells each step. Never throws. */
export async function sendFile(
  file: File,
  tell: (sending: Sending) => void,
  abort: AbortSignal,
): Promise<void> {
  let sending = beginSending(file);
  const step = (change: Partial<Sending>) => {
    sending = { ...sending, ...change };
    tell(sending);
  };
  const onBadLines = ({ count, number, reason }: BadLines) => {
    const { badLines, firstBadLine } = sending;
    step({ badLines: badLines + count, firstBadLine: firstBadLine || `line ${number}: ${reason}` });
  };
  const onBadLine: OnBadLine = (number, reason) => onBadLines({ count: 1, number, reason });
  try {
    for await (const request of readApart(file, onBadLines, abort)) {
      const answer = await sendLines(request, onBadLine, abort);
      if (answer === undefined) continue;
      const { rejected, reason } = answer;
      step({
        requests: sending.requests + 1,
        sentSize: sending.sentSize + request.body.length,
        signals: [...new Set([...sending.signals, request.signal])],
        rejected: sending.rejected + rejected,
        reason: reason || sending.reason,
      });
    }
    if (sending.requests === 0) throw new NotOtlp(sending.firstBadLine || "there is no telemetry in it");
    step({ state: "sent" });
  } catch (error) {
    step({ state: "failed", reason: abort.aborted ? "it was stopped" : (error as Error).message });
  }
}

interface Answer {
  readonly rejected: number;
  readonly reason: string;
}

/** The server's refusal of a request because of what is in it, or of its size. */
class RefusedRequest extends Error {
  override readonly name = "RefusedRequest";
}

/**
 * Sends a request, and each of its lines alone when it is refused because of what one of them holds, or of the size of all.
 * @returns undefined when nothing of it was taken
 */
async function sendLines(
  request: FileRequest,
  onBadLine: OnBadLine,
  abort: AbortSignal,
): Promise<Answer | undefined> {
  const { lines } = request;
  try {
    return await sendRequest(request, abort);
  } catch (error) {
    const [first] = lines;
    if (!(error instanceof RefusedRequest) || first === undefined) throw error;
    if (lines.length === 1) {
      onBadLine(first.number, error.message);
      return undefined;
    }
    let all: Answer | undefined;
    for (const line of lines) {
      const answer = await sendLines({ ...request, body: line.json, lines: [line] }, onBadLine, abort);
      if (answer === undefined) continue;
      all = {
        rejected: (all?.rejected ?? 0) + answer.rejected,
        reason: answer.reason || (all?.reason ?? ""),
      };
    }
    return all;
  }
}

/** A server that is busy is asked again so often. */
const tries = 5;

async function sendRequest({ signal, contentType, body }: FileRequest, abort: AbortSignal): Promise<Answer> {
  // From the folder that the page is in: a proxy may serve it below a path of its own.
  const path = signalTraits[signal].httpPath.slice(1);
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(path, {
      method: "POST",
      headers: { "content-type": contentType, ...authorization() },
      body,
      signal: abort,
    });
    if (response.ok) return answerOf(response);
    const isBusy = response.status === 429 || response.status === 503;
    if (response.status === 400 || response.status === 413)
      throw new RefusedRequest(await refusalOf(response));
    if (!isBusy || attempt === tries) throw new Error(await refusalOf(response));
    await pause(waitOf(response.headers.get("retry-after")), abort);
  }
}

/** An answer has the encoding of its request. */
async function answerOf(response: Response): Promise<Answer> {
  if (!response.headers.get("content-type")?.includes("json")) {
    return partialSuccessOf(new Uint8Array(await response.arrayBuffer()));
  }
  const { partialSuccess = {} } = (await response.json()) as { partialSuccess?: Record<string, string> };
  const count = Object.entries(partialSuccess).find(([name]) => name.startsWith("rejected"))?.[1];
  return { rejected: Number(count ?? 0), reason: partialSuccess.errorMessage ?? "" };
}

async function refusalOf(response: Response): Promise<string> {
  const hint = response.status === 401 ? ' The page has no INGEST_TOKEN; "obsvty replay" can send one.' : "";
  const words = await refusalWords(response).catch(() => "");
  return `the server refused it: ${words || `HTTP ${response.status}`}${hint}`;
}

async function refusalWords(response: Response): Promise<string> {
  if (response.headers.get("content-type")?.includes("json")) {
    return ((await response.json()) as { message?: string }).message ?? "";
  }
  return statusMessageOf(new Uint8Array(await response.arrayBuffer()));
}

function pause(millis: number, abort: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      abort.removeEventListener("abort", end);
      if (abort.aborted) reject(abort.reason);
      else resolve();
    };
    const timer = setTimeout(end, millis);
    abort.addEventListener("abort", end);
  });
}
