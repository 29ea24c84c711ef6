import { once } from "node:events";
import { create, type FileRegistry, fromBinary, toBinary } from "@bufbuild/protobuf";
import { messageOf } from "./registry.ts";

/** What the runner asks of a server (`server_compat.proto`), as far as this one looks at it. */
interface ServerCompatRequest {
  /** Bytes; 0 for no limit. */
  readonly messageReceiveLimit: number;
}

interface ServerCompatResponse {
  readonly host: string;
  readonly port: number;
}

/** Bytes of the length before each message on stdin and stdout, big-endian. */
const lengthBytes = 4;

export async function readRequest(registry: FileRegistry): Promise<ServerCompatRequest> {
  const length = (await read(lengthBytes)).readUInt32BE();
  const schema = messageOf(registry, "ServerCompatRequest");
  return fromBinary(schema, await read(length)) as unknown as ServerCompatRequest;
}

export function writeResponse(registry: FileRegistry, response: ServerCompatResponse): void {
  const schema = messageOf(registry, "ServerCompatResponse");
  const bytes = toBinary(schema, create(schema, { ...response }));
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32BE(bytes.byteLength);
  process.stdout.write(Buffer.concat([length, bytes]));
}

async function read(byteLength: number): Promise<Buffer> {
  for (;;) {
    const bytes: Buffer | null = byteLength === 0 ? Buffer.alloc(0) : process.stdin.read(byteLength);
    if (bytes !== null) return bytes;
    await once(process.stdin, "readable");
  }
}
