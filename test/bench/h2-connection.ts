import { connect, type Socket } from "node:net";
import type { Connection, ConnectionOptions } from "./connection.ts";
import { encodeRepeatedHeaders } from "./hpack.ts";

export interface H2ConnectionOptions extends ConnectionOptions {
  /** Forbids the server HPACK's dynamic table, for `findGrpcStatus`. @default false */
  readonly plainHeaders?: boolean;
}

interface Stream {
  readonly id: number;
  readonly dueMs: number;
  readonly body: Uint8Array;
  sent: number;
  window: number;
  dataBytes: number;
  lastBlock: Buffer;
}

// Frame types and flags (RFC 9113, 6).
const DATA = 0;
const HEADERS = 1;
const RST_STREAM = 3;
const SETTINGS = 4;
const PING = 6;
const GOAWAY = 7;
const WINDOW_UPDATE = 8;
const END_STREAM = 0x1;
const ACK = 0x1;
const END_HEADERS = 0x4;

const SETTINGS_HEADER_TABLE_SIZE = 1;
const SETTINGS_INITIAL_WINDOW_SIZE = 4;
const FRAME_HEADER_BYTES = 9;
const MAX_FRAME_BYTES = 16_384;
const ARENA_BYTES = 512 * 1024;
const noBytes: Buffer = Buffer.alloc(0);

/**
 * An HTTP/2 client connection in cleartext that does nothing but repeat one request with changing bodies.
 * A request costs it a tenth of what `node:http2` takes, so one core of load can saturate one core of server.
 */
export class H2Connection implements Connection {
  readonly #socket: Socket;
  readonly #blocks: { readonly first: Buffer; readonly further: Buffer };
  readonly #onReply: ConnectionOptions["onReply"];
  readonly #streams = new Map<number, Stream>();
  /** Streams with body left to send, oldest first. */
  #sending: Stream[] = [];
  readonly #spareArenas: Buffer[] = [];
  #arena: Buffer = Buffer.allocUnsafeSlow(ARENA_BYTES);
  #used = 0;
  #nextId = 1;
  #window = 65_535;
  #streamWindow = 65_535;
  #unread: Buffer = noBytes;
  #closing = false;

  private constructor(socket: Socket, options: H2ConnectionOptions) {
    this.#socket = socket;
    this.#blocks = encodeRepeatedHeaders(options.headers);
    this.#onReply = options.onReply;
    this.#write(Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
    const settings = options.plainHeaders ? Buffer.of(0, SETTINGS_HEADER_TABLE_SIZE, 0, 0, 0, 0) : noBytes;
    this.#frame(SETTINGS, 0, 0, settings);
    // Replies are never held back: half of the largest window, for the whole life of the connection.
    this.#frame(WINDOW_UPDATE, 0, 0, Buffer.of(0x40, 0, 0, 0));
    this.flush();
    socket.on("data", (chunk: Buffer) => this.#onData(chunk));
    socket.on("close", () => {
      if (!this.#closing) throw new Error(`the server closed a connection with ${this.open} calls open`);
    });
  }

  /** @throws Error when nothing listens there */
  static open(options: H2ConnectionOptions): Promise<H2Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port: options.port, host: "127.0.0.1", noDelay: true });
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.removeListener("error", reject);
        resolve(new H2Connection(socket, options));
      });
    });
  }

  get open(): number {
    return this.#streams.size;
  }

  send(body: Uint8Array, dueMs: number): void {
    const id = this.#nextId;
    this.#nextId += 2;
    this.#frame(HEADERS, END_HEADERS, id, id === 1 ? this.#blocks.first : this.#blocks.further);
    const window = this.#streamWindow;
    const stream: Stream = { id, dueMs, body, sent: 0, window, dataBytes: 0, lastBlock: noBytes };
    this.#streams.set(id, stream);
    if (!this.#sendBody(stream)) this.#sending.push(stream);
  }

  flush(): void {
    if (this.#used === 0) return;
    const arena = this.#arena;
    this.#socket.write(arena.subarray(0, this.#used), () => this.#spareArenas.push(arena));
    this.#arena = this.#spareArenas.pop() ?? Buffer.allocUnsafeSlow(ARENA_BYTES);
    this.#used = 0;
  }

  close(): void {
    this.#closing = true;
    this.#socket.destroy();
  }

  /** Sends what the windows allow. True when that was all. */
  #sendBody(stream: Stream): boolean {
    const { body, id } = stream;
    while (stream.sent < body.byteLength) {
      const most = Math.min(MAX_FRAME_BYTES, this.#window, stream.window);
      if (most <= 0) return false;
      const piece = body.subarray(stream.sent, stream.sent + most);
      stream.sent += piece.byteLength;
      this.#window -= piece.byteLength;
      stream.window -= piece.byteLength;
      this.#frame(DATA, stream.sent === body.byteLength ? END_STREAM : 0, id, piece);
    }
    return true;
  }

  #sendBodies(): void {
    if (this.#sending.length > 0) this.#sending = this.#sending.filter((stream) => !this.#sendBody(stream));
  }

  #frame(type: number, flags: number, streamId: number, payload: Uint8Array): void {
    const header = this.#reserve(FRAME_HEADER_BYTES + payload.byteLength);
    this.#arena.writeUIntBE(payload.byteLength, header, 3);
    this.#arena[header + 3] = type;
    this.#arena[header + 4] = flags;
    this.#arena.writeUInt32BE(streamId, header + 5);
    this.#arena.set(payload, header + FRAME_HEADER_BYTES);
  }

  #write(bytes: Uint8Array): void {
    const at = this.#reserve(bytes.byteLength);
    this.#arena.set(bytes, at);
  }

  #reserve(byteLength: number): number {
    if (this.#used + byteLength > ARENA_BYTES) this.flush();
    const at = this.#used;
    this.#used += byteLength;
    return at;
  }

  #onData(chunk: Buffer): void {
    const bytes = this.#unread.byteLength === 0 ? chunk : Buffer.concat([this.#unread, chunk]);
    let at = 0;
    while (at + FRAME_HEADER_BYTES <= bytes.byteLength) {
      const end = at + FRAME_HEADER_BYTES + bytes.readUIntBE(at, 3);
      if (end > bytes.byteLength) break;
      const payload = bytes.subarray(at + FRAME_HEADER_BYTES, end);
      this.#onFrame(bytes[at + 3] ?? 0, bytes[at + 4] ?? 0, bytes.readUInt32BE(at + 5), payload);
      at = end;
    }
    this.#unread = bytes.subarray(at);
    this.#sendBodies();
    this.flush();
  }

  #onFrame(type: number, flags: number, streamId: number, payload: Buffer): void {
    const stream = this.#streams.get(streamId);
    switch (type) {
      case DATA:
        if (stream !== undefined) stream.dataBytes += payload.byteLength;
        break;
      case HEADERS:
        if (stream !== undefined) stream.lastBlock = payload;
        break;
      case SETTINGS:
        if (flags & ACK) return;
        this.#applySettings(payload);
        this.#frame(SETTINGS, ACK, 0, noBytes);
        return;
      case PING:
        if (!(flags & ACK)) this.#frame(PING, ACK, 0, payload);
        return;
      case WINDOW_UPDATE:
        if (streamId === 0) this.#window += payload.readUInt32BE(0);
        else if (stream !== undefined) stream.window += payload.readUInt32BE(0);
        return;
      case GOAWAY:
        throw new Error(`the server said GOAWAY with error ${payload.readUInt32BE(4)}`);
      default:
    }
    const ended = type === RST_STREAM || ((type === DATA || type === HEADERS) && flags & END_STREAM);
    if (stream !== undefined && ended) this.#end(stream, type === RST_STREAM);
  }

  #end(stream: Stream, reset: boolean): void {
    this.#streams.delete(stream.id);
    if (stream.sent < stream.body.byteLength)
      this.#sending = this.#sending.filter((other) => other !== stream);
    const { dueMs, dataBytes, lastBlock } = stream;
    this.#onReply({ dueMs, dataBytes, failure: reset ? "reset" : undefined, lastBlock });
  }

  #applySettings(payload: Buffer): void {
    for (let at = 0; at + 6 <= payload.byteLength; at += 6) {
      if (payload.readUInt16BE(at) !== SETTINGS_INITIAL_WINDOW_SIZE) continue;
      const size = payload.readUInt32BE(at + 2);
      // Open streams get the difference (RFC 9113, 6.9.2).
      for (const stream of this.#streams.values()) stream.window += size - this.#streamWindow;
      this.#streamWindow = size;
    }
  }
}
