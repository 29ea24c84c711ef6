import { authorization } from "./authorization.ts";
import { CallError } from "./call.ts";

/**
 * A trace as OTLP/JSON, every field as it was sent, by the route of Jaeger's API that answers so.
 * @throws CallError
 */
export async function fetchOtlpTrace(traceId: string, abort?: AbortSignal): Promise<string> {
  const response = await fetch(`api/v3/traces/${traceId}`, {
    headers: authorization(),
    ...(abort && { signal: abort }),
  });
  const answer = await response.json();
  const code = response.status === 404 ? "not_found" : "unknown";
  if (!response.ok) throw new CallError(code, answer.error?.message ?? `HTTP ${response.status}`);
  return JSON.stringify(answer.result);
}
