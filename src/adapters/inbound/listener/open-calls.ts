import type { Client } from "./connection.ts";

/** The memory of an export that has sent no more than its headers. */
const EXPORT_BYTES = 6 * 1_024;
/** The same of any other call: Fastify and Connect make many objects of it, and V8 frees them only later. */
const OTHER_BYTES = 48 * 1_024;
const MAX_BYTES = 32 * 2 ** 20;
/** One client's share: about 2,600 exports, or 340 other calls. */
const MAX_CLIENT_BYTES = MAX_BYTES / 2;

const bytesKey = Symbol("bytes");

interface Call {
  [bytesKey]?: number;
}

/**
 * Bounds the memory of all HTTP/2 calls that are open, apart from their bodies: a client may open a hundred calls on
 * each of hundreds of connections and send nothing but their headers. Over HTTP/1.1 a connection has one call, and is
 * itself counted; requests that wait behind that call are counted here.
 */
export class OpenCalls {
  #bytes = 0;

  /** Counts a call until `close`. Returns false when there is no room: then it is not counted. */
  open(client: Client, call: object, isExport: boolean, rawHeaders: readonly string[]): boolean {
    let bytes = isExport ? EXPORT_BYTES : OTHER_BYTES;
    for (const nameOrValue of rawHeaders) bytes += nameOrValue.length;
    return this.#count(client, call, bytes);
  }

  /** Counts a request over HTTP/1.1 that waits behind another one. Otherwise as `open`. */
  wait(client: Client, call: object): boolean {
    return this.#count(client, call, EXPORT_BYTES);
  }

  /** Does nothing for a call that is not counted. */
  close(client: Client, call: object): void {
    const counted = call as Call;
    const bytes = counted[bytesKey] ?? 0;
    counted[bytesKey] = 0;
    this.#bytes -= bytes;
    client.callBytes -= bytes;
  }

  #count(client: Client, call: object, bytes: number): boolean {
    if (this.#bytes + bytes > MAX_BYTES || client.callBytes + bytes > MAX_CLIENT_BYTES) return false;
    (call as Call)[bytesKey] = bytes;
    this.#bytes += bytes;
    client.callBytes += bytes;
    return true;
  }
}
