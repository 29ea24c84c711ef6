import { Readable, type Transform } from "node:stream";
import { compressionNegotiate } from "@connectrpc/connect/protocol";
import type { FastifyRequest } from "fastify";
import { COMPRESSED_FLAG, PREFIX_BYTES, writePrefix } from "../../../otlp/message-prefix.ts";
import type { CallerProtocol } from "../caller/caller-protocol.ts";
import { hasLeft } from "../listener/request.ts";
import { inBlocks } from "../responses/blocks.ts";
import { compressionsOf } from "./compressions.ts";

/*
 * The library encodes a message in one go, and copies it to put a prefix before it and to compress it. Of the 64 MiB that
 * an answer may have, that held up everything else for 40 to 120 ms. So a handler leaves a large answer in pieces in the
 * call, and gives the library an empty message, in whose place the pieces are sent.
 */

/** An encoded message that takes long to be joined. */
export interface LargeMessage {
  readonly pieces: readonly Uint8Array[];
  readonly byteLength: number;
}

interface Answered {
  readonly request: FastifyRequest;
  readonly protocol: CallerProtocol;
  /** The headers of the response. Those that depend on the message are set before the first chunk. */
  readonly header: Headers;
  /** The chunks of the response behind the first one, in which the empty message is. */
  readonly rest: AsyncIterator<Uint8Array>;
}

const compressions = compressionsOf();

/** The chunks of a response whose call has succeeded, with the large message in place of the empty one. */
export async function* withLargeMessage(
  message: LargeMessage,
  { request, protocol, header, rest }: Answered,
): AsyncGenerator<Uint8Array> {
  try {
    const isUnary = protocol === "connect-unary";
    const name = isUnary ? negotiatedEncoding(request) : header.get("grpc-encoding");
    const compression = compressions.find((each) => each.name === name);
    let chunks: Iterable<Uint8Array> = inBlocks(message.pieces);
    let { byteLength } = message;
    if (compression !== undefined) {
      const compressed = await compressedBy(compression.createCompressor(), chunks, request);
      byteLength = compressed.reduce((sum, chunk) => sum + chunk.byteLength, 0);
      chunks = compressed;
    }
    if (isUnary) {
      if (compression !== undefined) header.set("content-encoding", compression.name);
      header.set("content-length", String(byteLength));
    } else {
      const prefix = Buffer.alloc(PREFIX_BYTES);
      writePrefix(prefix, byteLength, compression === undefined ? 0 : COMPRESSED_FLAG);
      yield prefix;
    }
    yield* chunks;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

/** Of Connect's unary calls the library tells only when it has compressed a message. */
function negotiatedEncoding({ headers }: FastifyRequest): string | undefined {
  const { "content-encoding": requested = null, "accept-encoding": accepted = null } = headers;
  return compressionNegotiate([...compressions], requested, String(accepted ?? ""), "accept-encoding")
    .response?.name;
}

/** Compresses beside the event loop, and ends early when the caller has gone away. */
async function compressedBy(
  compressor: Transform,
  blocks: Iterable<Uint8Array>,
  request: FastifyRequest,
): Promise<Uint8Array[]> {
  const compressed: Uint8Array[] = [];
  for await (const chunk of Readable.from(blocks, { objectMode: false }).pipe(compressor)) {
    if (hasLeft(request)) break;
    compressed.push(chunk as Uint8Array);
  }
  return compressed;
}
