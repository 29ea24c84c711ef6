import type { IncomingHttpHeaders } from "node:http";
import type { ObsvtyError } from "../../../../domain/errors.ts";
import type { Transport } from "../../../../domain/transport.ts";
import type { Body } from "../../body/body.ts";
import type { BodyEncoding } from "../../body/codecs.ts";
import type { HeaderRules } from "../../caller/protocol-headers.ts";
import type { Exchange } from "../exchange.ts";

/** How the message is written: in protobuf, in OTLP/JSON with hex ids, or in protobuf's own JSON. */
export type MessageFormat = "protobuf" | "otlp-json" | "proto-json";

/** A message as it was sent. */
export interface SentMessage {
  readonly bytes: Body;
  /** Undefined when it is not compressed. */
  readonly encoding: BodyEncoding | undefined;
}

/** How one protocol puts an export into an HTTP request, and its answer into the response. It keeps no state. */
export interface Framing extends HeaderRules {
  readonly transport: Transport;
  readonly format: MessageFormat;
  /** The header that names the encoding of a compressed message. */
  readonly encodingHeader: "grpc-encoding" | "content-encoding";
  /** Bytes of the message that the headers announce; 0 when they announce none. */
  announcedBytes(headers: IncomingHttpHeaders): number;
  /** Looks at what has arrived of the body; an error ends the call at once. */
  checkSize(arrived: Body, maxBytes: number): ObsvtyError | undefined;
  /**
   * Takes the one message out of the whole body.
   * @param encoding as the header names it
   * @throws ObsvtyError `unknown-method`, `protocol-error`
   */
  takeMessage(body: Body, encoding: BodyEncoding | undefined): SentMessage;
  /** Answers with the encoded response message. Errors are answered as every refusal is: see `errorResponse`. */
  respond(exchange: Exchange, message: Uint8Array): void;
}
