import { connect, type Socket } from "node:net";
import type { Connection, ConnectionOptions } from "./connection.ts";
import type { Headers } from "./hpack.ts";

const endOfHead = Buffer.from("\r\n\r\n");
const noBytes: Buffer = Buffer.alloc(0);

/** An HTTP/1.1 client connection that does nothing but repeat one request with changing bodies, one at a time. */
export class H1Connection implements Connection {
  readonly #socket: Socket;
  readonly #head: string;
  readonly #onReply: ConnectionOptions["onReply"];
  #dueMs: number | undefined;
  #unread: Buffer = noBytes;
  #closing = false;

  private constructor(socket: Socket, { headers, onReply }: ConnectionOptions) {
    this.#socket = socket;
    this.#head = headOf(headers);
    this.#onReply = onReply;
    socket.on("data", (chunk: Buffer) => this.#onData(chunk));
    socket.on("close", () => {
      if (!this.#closing) throw new Error(`the server closed a connection with ${this.open} calls open`);
    });
  }

  /** @throws Error when nothing listens there */
  static open(options: ConnectionOptions): Promise<H1Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port: options.port, host: "127.0.0.1", noDelay: true });
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.removeListener("error", reject);
        resolve(new H1Connection(socket, options));
      });
    });
  }

  get open(): number {
    return this.#dueMs === undefined ? 0 : 1;
  }

  send(body: Uint8Array, dueMs: number): void {
    this.#dueMs = dueMs;
    this.#socket.cork();
    this.#socket.write(`${this.#head}content-length: ${body.byteLength}\r\n\r\n`, "latin1");
    this.#socket.write(body);
  }

  flush(): void {
    this.#socket.uncork();
  }

  close(): void {
    this.#closing = true;
    this.#socket.destroy();
  }

  #onData(chunk: Buffer): void {
    const bytes = this.#unread.byteLength === 0 ? chunk : Buffer.concat([this.#unread, chunk]);
    this.#unread = bytes;
    const headEnd = bytes.indexOf(endOfHead);
    if (headEnd === -1) return;
    const head = bytes.toString("latin1", 0, headEnd);
    const length = /^content-length: *(\d+)/im.exec(head)?.[1];
    if (length === undefined) throw new Error(`an answer without content-length:\n${head}`);
    const dataBytes = Number(length);
    if (bytes.byteLength < headEnd + endOfHead.byteLength + dataBytes) return;
    const dueMs = this.#dueMs;
    if (dueMs === undefined) throw new Error(`an answer to no request:\n${head}`);
    this.#dueMs = undefined;
    this.#unread = noBytes;
    const status = head.slice("HTTP/1.1 ".length, "HTTP/1.1 200".length);
    this.#onReply({
      dueMs,
      dataBytes,
      failure: status === "200" ? undefined : `HTTP ${status}`,
      lastBlock: noBytes,
    });
  }
}

/** The request line and the headers, from HTTP/2's pseudo-headers. */
function headOf(headers: Headers): string {
  const pseudo = new Map(headers.filter(([name]) => name.startsWith(":")));
  const lines = headers.filter(([name]) => !name.startsWith(":")).map(([name, value]) => `${name}: ${value}`);
  return [`POST ${pseudo.get(":path")} HTTP/1.1`, `host: ${pseudo.get(":authority")}`, ...lines, ""].join(
    "\r\n",
  );
}
