import { type FileRequest, fileRequests } from "./read-file.ts";

/*
 * Reads a file beside the page, in a worker: a JSON text is parsed in one go, and one of 50 MB would hold the page up for
 * seconds. The file comes with the first message; that and each further one is answered with the next request.
 */

export interface Asked {
  /** In the first message alone. */
  readonly file?: Blob;
}

export interface Answered {
  /** Absent when there is no other, or the file cannot be read. */
  readonly request?: FileRequest;
  readonly failure?: string;
  /** Lines since the last answer that cannot be sent. */
  readonly badLines: BadLines;
}

export interface BadLines {
  readonly count: number;
  /** The first of them, and what is wrong with it. */
  readonly number: number;
  readonly reason: string;
}

const noBadLines: BadLines = { count: 0, number: 0, reason: "" };

let requests: AsyncGenerator<FileRequest> | undefined;
let badLines = noBadLines;

self.onmessage = async ({ data: { file } }: MessageEvent<Asked>) => {
  if (file !== undefined) {
    requests = fileRequests(file, (number, reason) => {
      badLines =
        badLines.count === 0 ? { count: 1, number, reason } : { ...badLines, count: badLines.count + 1 };
    });
  }
  let answer: Omit<Answered, "badLines">;
  try {
    const next = await requests?.next();
    answer = next?.done === false ? { request: next.value } : {};
  } catch (error) {
    answer = { failure: (error as Error).message };
  }
  self.postMessage({ ...answer, badLines } satisfies Answered);
  badLines = noBadLines;
};
