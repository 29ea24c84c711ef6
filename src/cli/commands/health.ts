import { within } from "../deadline.ts";
import { durationExamples, formatDuration, parseDuration } from "../duration.ts";
import { httpGet } from "../http-get.ts";
import { line } from "../output/line.ts";
import type { Output } from "../output/output.ts";
import { byteFigure } from "../output/table.ts";
import type { Server } from "../server.ts";
import { notAllowed } from "../usage-error.ts";

const defaultTimeout = "5s";

/** What is used of the answer of `GET /health`. */
interface Health {
  readonly status: string;
  readonly version: string;
  readonly uptimeSeconds: number;
  readonly bytes: number;
  readonly maxBytes: number;
}

/** Says how the server is. 0 when it is well, else 1: for probes. */
export async function health(
  { timeout = defaultTimeout }: { readonly timeout?: string },
  context: { server: Server; output: Output; signal: AbortSignal },
): Promise<number> {
  const { server, output } = context;
  const { url } = server;
  const timeoutNanos = parseDuration(timeout);
  if (timeoutNanos === undefined) {
    throw notAllowed("timeout", timeout, durationExamples);
  }
  const timeoutMs = Number(timeoutNanos / 1_000_000n);
  const text = await within(timeoutMs, context, (signal) => httpGet(`${url}/health`, signal));
  const answer = healthIn(text);
  if (answer === undefined) {
    output.say(`${url} does not answer as obsvty does`);
    return 1;
  }
  await (output.isText ? output.lines([healthLine(answer, output)]) : output.jsonText([text]));
  return answer.status === "ok" ? 0 : 1;
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

function healthLine({ status, version, uptimeSeconds, bytes, maxBytes }: Health, { view }: Output): string {
  const up = formatDuration(BigInt(uptimeSeconds) * 1_000_000_000n);
  const held = `${byteFigure(bytes)} of ${byteFigure(maxBytes)} held`;
  return line(
    [
      { text: status, style: status === "ok" ? "green" : "red" },
      { text: `, version ${version}, up ${up}, ${held}` },
    ],
    view,
  );
}
