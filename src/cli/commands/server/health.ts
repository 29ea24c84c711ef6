import { httpGet } from "../../api/http-get.ts";
import { fromNanos } from "../../api/proto-time.ts";
import type { Server } from "../../api/server.ts";
import { flagDefaults } from "../../flags/defaults.ts";
import { durationFlag } from "../../flags/duration.ts";
import { formatDuration } from "../../output/duration-text.ts";
import { failureText } from "../../output/failure-text.ts";
import { line, type View } from "../../output/line.ts";
import type { Output } from "../../output/output.ts";
import { byteFigure, figure } from "../../output/table.ts";
import { within } from "../deadline.ts";

/** The fields of the answer to `GET /health` that are used here. */
interface Health {
  readonly status: string;
  readonly version: string;
  readonly uptimeSeconds: number;
  readonly bytes: number;
  readonly maxBytes: number;
  /** The sinks are absent when nothing is handed on. */
  readonly sinks?: Readonly<Record<string, SinkHealth>>;
}

interface SinkHealth {
  readonly state: string;
  readonly policy: string;
  readonly backlogItems: number;
  readonly backlogBytes: number;
  readonly missed: number;
  readonly lastFailure?: string;
  readonly lastFailureTime?: string;
}

/**
 * Prints the state of the server. The exit code is 0 when the server is well, else 1, as probes expect. A server whose
 * sink fails is well, unless `sinks` is set: to start it anew would lose what it still holds for the sink.
 */
export async function health(
  { timeout = flagDefaults.healthTimeout, sinks = false }: HealthFlags,
  context: { server: Server; output: Output; abort: AbortSignal },
): Promise<number> {
  const { server, output } = context;
  const { url, tls } = server;
  const timeoutMs = Number(durationFlag("timeout", timeout) / 1_000_000n);
  const text = await within(timeoutMs, context, (abort) => httpGet(`${url}/health`, tls, abort));
  const answer = healthIn(text);
  if (answer === undefined) {
    output.say(refusalIn(text) ?? `${url} answers, but not as an obsvty server does`);
    return 1;
  }
  await (output.isText ? output.lines(healthLines(answer, output)) : output.jsonText([text]));
  const ill = Object.entries(answer.sinks ?? {}).filter(([, { state }]) => state !== "ok");
  for (const [name, { policy, state }] of ill) output.say(`the sink ${name} (${policy}) is ${state}`);
  return answer.status === "ok" && !(sinks && ill.length > 0) ? 0 : 1;
}

export interface HealthFlags {
  readonly timeout?: string;
  readonly sinks?: boolean;
}

function healthIn(text: string): Health | undefined {
  try {
    const answer = JSON.parse(text);
    return typeof answer?.status === "string" && typeof answer.uptimeSeconds === "number"
      ? answer
      : undefined;
  } catch {
    return undefined;
  }
}

/** Why a server with TLS refuses a call without it. */
function refusalIn(text: string): string | undefined {
  return /"message":"(this port takes TLS only[^"]*)"/.exec(text)?.[1];
}

function healthLines(health: Health, { view }: Output): string[] {
  const { status, version, uptimeSeconds, bytes, maxBytes, sinks = {} } = health;
  const up = formatDuration(BigInt(uptimeSeconds) * 1_000_000_000n);
  const held = `${byteFigure(bytes)} of ${byteFigure(maxBytes)} held`;
  const state = (text: string) => ({ text, style: text === "ok" ? "green" : "red" }) as const;
  return [
    line([state(status), { text: `, version ${version}, up ${up}, ${held}` }], view),
    ...Object.entries(sinks).map(([name, sink]) =>
      line([{ text: `${name}: ` }, state(sink.state), { text: sinkText(sink, view) }], view),
    ),
  ];
}

function sinkText(sink: SinkHealth, view: View): string {
  const { state, backlogItems, backlogBytes, missed, lastFailure = "", lastFailureTime } = sink;
  const failedMs = Date.parse(lastFailureTime ?? "");
  const failure = failureText(
    {
      state,
      lastFailure,
      lastFailureTime: Number.isNaN(failedMs) ? undefined : fromNanos(BigInt(failedMs) * 1_000_000n),
    },
    view,
  );
  const parts = [
    `${figure(backlogItems)} items to hand on (${byteFigure(backlogBytes)})`,
    `${figure(missed)} missed`,
    ...(failure === "" ? [] : [`last failure ${failure}`]),
  ];
  return `, ${parts.join(", ")}`;
}
