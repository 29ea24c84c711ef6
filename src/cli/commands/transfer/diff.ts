import type { Readable } from "node:stream";
import type { Signal } from "../../../domain/signal.ts";
import { createQueryClient } from "../../api/client.ts";
import { compare } from "../../comparison/comparison.ts";
import { summarize } from "../../comparison/summarize.ts";
import { Summary, summarizedSignals } from "../../comparison/summary.ts";
import { exportKinds, exportSignals } from "../../export-kinds.ts";
import { serverOf } from "../../flags/endpoint.ts";
import type { FlagValues } from "../../flags/filter-flags.ts";
import type { TlsFlags } from "../../flags/tls-flags.ts";
import { UsageError } from "../../flags/usage-error.ts";
import { serverWord } from "../../local-commands.ts";
import { comparisonLines } from "../../output/comparison-text.ts";
import type { Output } from "../../output/output.ts";
import { counted } from "../../output/summary-line.ts";
import { figure } from "../../output/table.ts";
import { Sources } from "../../replay/sources.ts";
import { Tally } from "../../replay/tally.ts";
import { sayUnreadable } from "../left-out.ts";

export interface DiffContext {
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: Readable;
  readonly output: Output;
  /** Told of the server that is called next. */
  readonly onCall: (url: string) => void;
  /** It aborts when stdout has no reader any more. */
  readonly abort: AbortSignal;
}

/**
 * Compares the telemetry of two files, or of a file and a server.
 * @param names two of: the name of a file, "-" for stdin, "server", or the URL of one
 * @returns 1 when the structure differs, or not all could be read
 */
export async function diff(
  names: readonly [string, string],
  flags: FlagValues,
  context: DiffContext,
): Promise<number> {
  const { output } = context;
  if (names[0] === "-" && names[1] === "-") throw new UsageError("-: stdin can be read once");
  const open = (name: string) => ({ name, read: openSide(name, flags, context), summary: new Summary() });
  const [before, after] = [open(names[0]), open(names[1])];
  let isWhole = true;
  for (const { name, read, summary } of [before, after]) {
    const isWholeSide = await read(summary);
    isWhole &&= isWholeSide;
    summary.finish();
    if (!isWholeSide && summary.isEmpty) {
      // Everything would seem to have gone, or to have come.
      output.say(`${name}: nothing in it can be compared`);
      return 1;
    }
    if (summary.leftOut > 0)
      output.say(`${name}: ${figure(summary.leftOut)} items are left out: there are too many names`);
    if (summary.orphans > 0)
      output.say(`${name}: the parents of ${counted(summary.orphans, "span")} are not there or too far away`);
  }
  const comparison = compare(before.summary, after.summary);
  if (output.isText) await output.lines(comparisonLines(comparison, output.view));
  else await output.jsonText([JSON.stringify(comparison)]);
  return comparison.differs || !isWhole ? 1 : 0;
}

/** Reads all of a side into a summary. @returns whether everything could be read */
type ReadSide = (summary: Summary) => Promise<boolean>;

/** @throws UsageError when it cannot be read */
function openSide(name: string, flags: FlagValues, context: DiffContext): ReadSide {
  const isUrl = /^https?:\/\//i.test(name);
  if (!isUrl && name !== serverWord) return openFile(name, flags.signal as Signal | undefined, context);
  const { env, output, abort, onCall } = context;
  const endpoint = isUrl ? name : (flags.endpoint as string | undefined);
  const server = serverOf(endpoint, flags as TlsFlags, env);
  const client = createQueryClient(server);
  return async (summary) => {
    onCall(server.url);
    let isWhole = true;
    for (const kind of exportKinds) {
      const signal = exportSignals[kind];
      if (!isSummarized(signal)) continue;
      const request = { filter: { case: kind, value: {} } } as Parameters<typeof client.readRequests>[0];
      for await (const { requests, missed, unreadable } of client.readRequests(request, { signal: abort })) {
        for (const bytes of requests) summarize(signal, bytes, summary);
        if (missed > 0n) output.say(`${name}: ${counted(missed, "item")} evicted before they could be read`);
        sayUnreadable(unreadable, "item", output);
        isWhole &&= missed + unreadable === 0n;
      }
    }
    return isWhole;
  };
}

function openFile(name: string, signal: Signal | undefined, { stdin, output, abort }: DiffContext): ReadSide {
  const sources = new Sources({ paths: [name], stdin, signal, abort });
  return async (summary) => {
    const tally = new Tally((message) => output.say(message));
    for await (const part of sources.parts()) {
      if (part.kind === "unreadable") tally.addUnreadable(part.unreadable);
      else if (isSummarized(part.request.signal)) summarize(part.request.signal, part.request.bytes, summary);
    }
    abort.throwIfAborted();
    tally.sayRest();
    return tally.isWhole;
  };
}

function isSummarized(signal: Signal): boolean {
  return (summarizedSignals as readonly Signal[]).includes(signal);
}
