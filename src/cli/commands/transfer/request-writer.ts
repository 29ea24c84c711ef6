import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ReadRequestsRequestSchema } from "../../../../gen/obsvty/v1/query_pb.ts";
import { type Signal, signalTraits } from "../../../domain/signal.ts";
import { JsonWriter } from "../../../otlp/json/json-writer.ts";
import { TextBuffer } from "../../../otlp/json/text-buffer.ts";
import { writeJsonInPieces } from "../../../otlp/json/write-request.ts";
import { type ExportKind, exportKinds, exportSignals } from "../../export-kinds.ts";
import { counted } from "../../output/summary-line.ts";
import type { CommandContext } from "../command-context.ts";
import { sayUnreadable } from "../left-out.ts";

const pieceBytes = 64 * 1_024;
const newline = Buffer.from("\n");

/** Takes requests in protobuf, and writes them somewhere in some form. */
type WriteRequest = (signal: Signal, bytes: Uint8Array) => Promise<void>;

export type RequestFilter = NonNullable<MessageInitShape<typeof ReadRequestsRequestSchema>["filter"]>;

export interface WriteOptions {
  /** What is written: everything when undefined. */
  readonly what?: ExportKind | undefined;
  /** @default all items of the kind */
  readonly filterOf?: (kind: ExportKind) => RequestFilter;
  /** A cursor: only items that arrived after it. @default "", all that are held */
  readonly after?: string;
  /** Protobuf, each request behind its length, or lines of OTLP/JSON. @default "json" */
  readonly format?: "json" | "proto";
}

export interface Written {
  /** How many items of each kind, in words. */
  readonly written: readonly string[];
  /** Whether all that was asked for is among it. */
  readonly isWhole: boolean;
}

/** Writes the requests that hold what the server holds, and says what is missing. */
export async function writeRequests(
  { what, filterOf = everyItem, after = "", format = "json" }: WriteOptions,
  { client, output, abort }: Pick<CommandContext, "client" | "output" | "abort">,
  sink: (bytes: Uint8Array) => Promise<void>,
): Promise<Written> {
  const write = format === "proto" ? protobufWriter(sink) : jsonWriter(sink);
  const written: string[] = [];
  let isWhole = true;
  for (const kind of what === undefined ? exportKinds : [what]) {
    const signal = exportSignals[kind];
    const noun = signalTraits[signal].itemNoun.one;
    let items = 0n;
    for await (const answer of client.readRequests({ filter: filterOf(kind), after }, { signal: abort })) {
      for (const bytes of answer.requests) await write(signal, bytes);
      items += answer.items;
      isWhole &&= answer.missed === 0n && answer.unreadable === 0n;
      if (answer.missed > 0n)
        output.say(`${counted(answer.missed, noun)} evicted before they could be read and missed`);
      sayUnreadable(answer.unreadable, noun, output);
    }
    if (items > 0n) written.push(counted(items, noun));
  }
  return { written, isWhole };
}

function everyItem(kind: ExportKind): RequestFilter {
  return { case: kind, value: {} };
}

function jsonWriter(write: (bytes: Uint8Array) => Promise<void>): WriteRequest {
  const writer = new JsonWriter();
  const text = new TextBuffer(pieceBytes);
  return async (signal, bytes) => {
    // A stream may keep what it is given for later.
    for (const piece of writeJsonInPieces(signal, bytes, writer, text)) await write(Buffer.from(piece));
    await write(newline);
  };
}

/** Writes as the Collector's file exporter does with `format: proto`: four bytes of length, then the message. */
function protobufWriter(write: (bytes: Uint8Array) => Promise<void>): WriteRequest {
  return async (_signal, bytes) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.byteLength);
    await write(Buffer.concat([length, bytes]));
  };
}
