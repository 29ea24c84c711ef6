import { durationExamples, formatDuration, parseDuration } from "../duration.ts";
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
  { server: { url }, output, signal }: { server: Server; output: Output; signal: AbortSignal },
): Promise<number> {
  const timeoutNanos = parseDuration(timeout);
  if (timeoutNanos === undefined) {
    throw notAllowed("timeout", timeout, durationExamples);
  }
  const deadline = AbortSignal.timeout(Math.min(Number(timeoutNanos / 1_000_000n), 2 ** 31 - 1));
  let text: string;
  try {
    const response = await fetch(`${url}/health`, { signal: AbortSignal.any([signal, deadline]) });
    text = await response.text();
  } catch (reason) {
    if (deadline.aborted) {
      output.say(`${url} did not answer within ${formatDuration(timeoutNanos)}`);
      return 1;
    }
    throw reason;
  }
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
