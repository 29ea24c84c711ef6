import type { Answered, Asked, BadLines } from "./file-worker.ts";
import { NotOtlp } from "./json-pieces.ts";
import type { FileRequest } from "./read-file.ts";

/**
 * As `fileRequests`, read by a worker, which ends with the reading.
 * @param onBadLines called with lines that cannot be sent, many at once
 * @throws NotOtlp with what is wrong with the file; the reason of `abort`
 */
export async function* readApart(
  file: Blob,
  onBadLines: (lines: BadLines) => void,
  abort: AbortSignal,
): AsyncGenerator<FileRequest> {
  abort.throwIfAborted();
  const worker = new Worker(new URL("./file-worker.ts", import.meta.url), { type: "module" });
  try {
    for (let asked: Asked = { file }; ; asked = {}) {
      const { request, failure, badLines } = await answerOf(worker, asked, abort);
      if (badLines.count > 0) onBadLines(badLines);
      if (failure !== undefined) throw new NotOtlp(failure);
      if (request === undefined) return;
      yield request;
    }
  } finally {
    worker.terminate();
  }
}

function answerOf(worker: Worker, asked: Asked, abort: AbortSignal): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(abort.reason);
    abort.addEventListener("abort", stop);
    const end = () => abort.removeEventListener("abort", stop);
    worker.onmessage = ({ data }: MessageEvent<Answered>) => {
      end();
      resolve(data);
    };
    worker.onerror = ({ message }) => {
      end();
      // Without a message its code did not come.
      reject(new NotOtlp(message || "the code that reads files did not come from the server"));
    };
    worker.postMessage(asked);
  });
}
