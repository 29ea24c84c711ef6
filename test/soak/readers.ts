import { setTimeout as wait } from "node:timers/promises";
import { frame } from "../support/raw-grpc.ts";

export interface ReaderCounts {
  readonly searches: number;
  /** Told to try again, because answers or requests in flight reach their bound. */
  readonly refusedSearches: number;
  /** The latest failures of other kinds, 10 at most. */
  readonly failures: readonly string[];
  readonly tailedBytes: number;
}

/** The next search waits this long. */
const searchEveryMs = 200;
const longestMs = 30_000;

/** Ordinary readers: one tails the traces, and one searches them again and again, until the abort. */
export async function read(port: number, abort: AbortSignal): Promise<ReaderCounts> {
  const failures: string[] = [];
  const fail = (what: string, reason: unknown) => {
    if (abort.aborted) return;
    failures.push(`${what}: ${reason instanceof Error ? reason.message : String(reason)}`);
    if (failures.length > 10) failures.shift();
  };
  const [tailedBytes, counts] = await Promise.all([tail(port, abort, fail), search(port, abort, fail)]);
  return { ...counts, tailedBytes, failures };
}

type Fail = (what: string, reason: unknown) => void;

async function search(port: number, abort: AbortSignal, fail: Fail) {
  let searches = 0;
  let refusedSearches = 0;
  while (!abort.aborted) {
    searches += 1;
    try {
      const signal = AbortSignal.any([abort, AbortSignal.timeout(longestMs)]);
      const response = await post(
        port,
        "SearchSpans",
        "application/json",
        Buffer.from('{"limit":100}'),
        signal,
      );
      await response.arrayBuffer();
      if (response.status === 429 || response.status === 503) refusedSearches += 1;
      else if (!response.ok) fail("search", response.status);
    } catch (reason) {
      fail("search", reason);
    }
    await wait(searchEveryMs, undefined, { signal: abort }).catch(() => {});
  }
  return { searches, refusedSearches };
}

async function tail(port: number, abort: AbortSignal, fail: Fail): Promise<number> {
  let bytes = 0;
  while (!abort.aborted) {
    try {
      const body = frame(Buffer.from('{"spans":{}}'));
      const response = await post(port, "Tail", "application/connect+json", body, abort);
      for await (const chunk of response.body ?? []) bytes += chunk.byteLength;
    } catch (reason) {
      fail("tail", reason);
    }
    // A tail that ends is begun again.
    await wait(searchEveryMs, undefined, { signal: abort }).catch(() => {});
  }
  return bytes;
}

function post(port: number, method: string, contentType: string, body: Uint8Array, signal: AbortSignal) {
  return fetch(`http://127.0.0.1:${port}/obsvty.v1.QueryService/${method}`, {
    method: "POST",
    headers: { "content-type": contentType },
    body: Buffer.from(body),
    signal,
  });
}
