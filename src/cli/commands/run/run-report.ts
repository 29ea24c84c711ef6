import type { TraceSummary } from "../../../../gen/obsvty/v1/query_pb.ts";
import { signals, signalTraits } from "../../../domain/signal.ts";
import { boundedTree } from "../../output/bounded-tree.ts";
import { logLine } from "../../output/log-line.ts";
import type { Output } from "../../output/output.ts";
import { summaryLines } from "../../output/summary-line.ts";
import { figure } from "../../output/table.ts";
import type { CommandContext } from "../command-context.ts";
import { loadTrace } from "../items/trace.ts";
import type { Received } from "./received.ts";

/** What is shown one by one; all of it is counted. */
const maxTraces = 20;
const maxLogs = 20;
const maxNames = 8;
/** A longer trace is shown as one line. */
const maxTreeSpans = 2_000;

/** Prints the traces as trees, and the log records of errors. */
export async function printReceived(received: Received, context: CommandContext): Promise<void> {
  const { output } = context;
  const shown = chosen(received.traces);
  for (const summary of shown) {
    const spans = summary.spanCount > maxTreeSpans ? undefined : await loadTrace(summary.traceId, context);
    const lines =
      spans === undefined ? summaryLines([summary], output.view) : boundedTree(spans, output.view);
    await output.lines([...lines, ""]);
  }
  const left = received.traces.length - shown.length;
  if (left > 0) await output.lines([`… ${figure(left)} more traces are not shown`, ""]);
  const logs = received.logErrors.slice(-maxLogs);
  if (logs.length > 0) await output.lines([...logs.map((log) => logLine(log, output.view))]);
  const logsLeft = received.logErrors.length - logs.length;
  if (logsLeft > 0) await output.lines([`… ${figure(logsLeft)} earlier log records of errors are not shown`]);
  if (logs.length > 0) await output.lines([""]);
}

/** Where there are too many traces, those with errors come first. Those that are shown are in order of time. */
function chosen(traces: readonly TraceSummary[]): TraceSummary[] {
  const withErrors = traces.filter(({ errorCount }) => errorCount > 0).slice(0, maxTraces);
  const others = traces.filter(({ errorCount }) => errorCount === 0).slice(0, maxTraces - withErrors.length);
  const shown = new Set([...withErrors, ...others]);
  return traces.filter((trace) => shown.has(trace));
}

/** Whether anything came, be it refused. */
export function hasReceived({ accepted, rejected, refused }: Received): boolean {
  return Object.values(accepted).some((count) => count > 0) || rejected + refused > 0;
}

/** Says how much came, and what of it is not held. */
export function sayReceived(received: Received, output: Output): void {
  const { accepted, evicted, traces, spanErrors, logErrors, metricNames, rejected, refused } = received;
  const parts: string[] = [];
  if (accepted.traces > 0) {
    const atLeast = evicted.traces > 0 ? "at least " : "";
    parts.push(
      `${many(accepted.traces, "span")} in ${atLeast}${many(traces.length, "trace")}${errorsOf(spanErrors)}`,
    );
  }
  if (accepted.logs > 0) parts.push(`${many(accepted.logs, "log record")}${errorsOf(logErrors.length)}`);
  if (accepted.metrics > 0) {
    const names = metricNames.slice(0, maxNames).join(", ");
    const more = metricNames.length > maxNames ? ", ..." : "";
    parts.push(
      `${many(accepted.metrics, "data point")} of ${many(metricNames.length, "metric")} (${names}${more})`,
    );
  }
  if (accepted.profiles > 0) parts.push(many(accepted.profiles, signalTraits.profiles.itemNoun.one));
  if (parts.length > 0) output.say(`received ${parts.join("; ")}`);
  for (const signal of signals) {
    if (evicted[signal] === 0) continue;
    const what = many(evicted[signal], signalTraits[signal].itemNoun.one);
    output.say(
      `${what} came before those that are held, and ${evicted[signal] === 1 ? "is" : "are"} not looked at`,
    );
  }
  if (rejected > 0) output.say(`${many(rejected, "item")} rejected as no valid OTLP`);
  if (refused > 0) output.say(`${many(refused, "export")} refused`);
}

/** Says what may be wrong when nothing came. */
export function sayNothingCame(endpoint: string, env: NodeJS.ProcessEnv, output: Output): void {
  output.say(`no telemetry came; the command had OTEL_EXPORTER_OTLP_ENDPOINT=${endpoint}`);
  const switches = ["OTEL_TRACES_EXPORTER", "OTEL_LOGS_EXPORTER", "OTEL_METRICS_EXPORTER"];
  const off = switches.find((name) => env[name] !== undefined && !/^(?:|otlp)$/.test(env[name] ?? ""));
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === "true") {
    output.say("OTEL_SDK_DISABLED=true in the environment turns the SDK off");
  } else if (off !== undefined) {
    output.say(`${off} in the environment is not "otlp"`);
  } else {
    output.say(
      "is an OpenTelemetry SDK set up in it, and shut down at its end, which sends what is waiting?",
    );
  }
}

function many(count: number, noun: string): string {
  return `${figure(count)} ${noun}${count === 1 ? "" : "s"}`;
}

function errorsOf(count: number): string {
  return count === 0 ? "" : `, ${many(count, "error")}`;
}
