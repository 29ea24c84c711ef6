import { STATUS_CODES } from "node:http";
import type { Code } from "@connectrpc/connect";
import { codeToString } from "@connectrpc/connect/protocol-connect";
import { contentTypes } from "../../../otlp/content-types.ts";

/** An HTTP/1.1 answer as it goes over the wire, for a connection that Node's server does not answer. */
export function http1Error(status: number, code: Code, message: string): string {
  const body = JSON.stringify({ code: codeToString(code), message });
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "connection: close",
    `content-type: ${contentTypes.json}`,
    `content-length: ${Buffer.byteLength(body)}`,
    "",
    body,
  ].join("\r\n");
}
