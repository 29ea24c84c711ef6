import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ReadRequestsRequestSchema } from "../../../gen/obsvty/v1/query_pb.ts";
import { type Signal, signalTraits } from "../../domain/signal.ts";
import { JsonWriter } from "../../otlp/json/json-writer.ts";
import { TextBuffer } from "../../otlp/json/text-buffer.ts";
import { writeJsonInPieces } from "../../otlp/json/write-request.ts";
import { type ExportKind, exportKinds, exportSignals } from "../export-kinds.ts";
import { cursorFlag } from "../flags/cursor-flag.ts";
import type { FlagValues } from "../flags/filter-flags.ts";
import { itemFilter } from "../flags/filter-request.ts";
import { UsageError } from "../flags/usage-error.ts";
import type { Output } from "../output/output.ts";
import { counted } from "../output/summary-line.ts";
import { WholeFile } from "../output/whole-file.ts";
import type { CommandContext } from "./command-context.ts";
import { onInterrupt } from "./interrupt.ts";
import { sayUnreadable } from "./left-out.ts";

const pieceBytes = 64 * 1_024;
const newline = Buffer.from("\n");

/** Takes requests in protobuf, and writes them somewhere in some form. */
type WriteRequest = (signal: Signal, bytes: Uint8Array) => Promise<void>;

/**
 * Writes the requests that hold what the server holds.
 * @returns 1 when something that was asked for is not among it
 */
export async function exportTelemetry(
  what: ExportKind | undefined,
  flags: FlagValues,
  context: CommandContext,
): Promise<number> {
  const { output } = context;
  if (flags.text === true) {
    throw new UsageError("--text: export writes data, not text: search prints text");
  }
  if (flags.format === "proto" && what === undefined) {
    throw new UsageError("--format: proto does not tell signals apart: name one, as in export traces");
  }
  // As of replay, "-" is the stream of the process.
  const path = flags.output === "-" ? undefined : (flags.output as string | undefined);
  if (flags.format === "proto" && path === undefined && output.isTerminal) {
    throw new UsageError("--format: proto is not for a terminal: name a file with --output");
  }
  if (path === undefined) {
    const { written, isWhole } = await writeAll(what, flags, context, (bytes) => output.bytes(bytes));
    if (output.isTerminal) sayWritten(written, path, output);
    return isWhole ? 0 : 1;
  }
  const file = await WholeFile.open(path);
  const interrupted = new AbortController();
  let exitCode: number | undefined;
  const stopListening = onInterrupt((code) => {
    exitCode = code;
    interrupted.abort();
  });
  try {
    const abort = AbortSignal.any([context.abort, interrupted.signal]);
    const write = async (bytes: Uint8Array) => {
      abort.throwIfAborted();
      await file.write(bytes);
    };
    const { written, isWhole } = await writeAll(what, flags, { ...context, abort }, write);
    await file.finish();
    sayWritten(written, path, output);
    return isWhole ? 0 : 1;
  } catch (reason) {
    await file.discard();
    if (exitCode === undefined) throw reason;
    output.say(`interrupted: ${path} is not written`);
    return exitCode;
  } finally {
    stopListening();
  }
}

interface Written {
  /** How many items of each kind, in words. */
  readonly written: readonly string[];
  /** Whether all that was asked for is among it. */
  readonly isWhole: boolean;
}

async function writeAll(
  what: ExportKind | undefined,
  flags: FlagValues,
  { client, output, abort }: CommandContext,
  sink: (bytes: Uint8Array) => Promise<void>,
): Promise<Written> {
  const write = flags.format === "proto" ? protobufWriter(sink) : jsonWriter(sink);
  const written: string[] = [];
  let isWhole = true;
  for (const kind of what === undefined ? exportKinds : [what]) {
    const signal = exportSignals[kind];
    const noun = signalTraits[signal].itemNoun.one;
    const request = { filter: filterOf(kind, flags), after: cursorFlag(flags) };
    let items = 0n;
    for await (const answer of client.readRequests(request, { signal: abort })) {
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

function sayWritten(written: readonly string[], path: string | undefined, output: Output): void {
  const where = path === undefined ? "" : ` to ${path}`;
  output.say(written.length === 0 ? "nothing is held that matches" : `wrote ${written.join(", ")}${where}`);
}

function filterOf(
  kind: ExportKind,
  flags: FlagValues,
): NonNullable<MessageInitShape<typeof ReadRequestsRequestSchema>["filter"]> {
  return kind === "profiles" ? { case: "profiles", value: {} } : itemFilter(kind, flags);
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
