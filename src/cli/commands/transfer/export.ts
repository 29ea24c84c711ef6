import type { ExportKind } from "../../export-kinds.ts";
import { cursorFlag } from "../../flags/cursor-flag.ts";
import type { FlagValues } from "../../flags/filter-flags.ts";
import { itemFilter } from "../../flags/filter-request.ts";
import { UsageError } from "../../flags/usage-error.ts";
import type { Output } from "../../output/output.ts";
import { WholeFile } from "../../output/whole-file.ts";
import type { CommandContext } from "../command-context.ts";
import { onInterrupt } from "../interrupt.ts";
import { type RequestFilter, type Written, writeRequests } from "./request-writer.ts";

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

function writeAll(
  what: ExportKind | undefined,
  flags: FlagValues,
  context: CommandContext,
  sink: (bytes: Uint8Array) => Promise<void>,
): Promise<Written> {
  const format = flags.format === "proto" ? "proto" : "json";
  const filterOf = (kind: ExportKind): RequestFilter =>
    kind === "profiles" ? { case: "profiles", value: {} } : itemFilter(kind, flags);
  return writeRequests({ what, filterOf, after: cursorFlag(flags), format }, context, sink);
}

function sayWritten(written: readonly string[], path: string | undefined, output: Output): void {
  const where = path === undefined ? "" : ` to ${path}`;
  output.say(written.length === 0 ? "nothing is held that matches" : `wrote ${written.join(", ")}${where}`);
}
