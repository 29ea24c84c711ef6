import {
  assertLog,
  assertMetric,
  assertSpan,
  assertTraceShape,
  type ExportRequest,
  type FaultRule,
  type LogRecord,
  type MetricPoint,
  matchers,
  type ObsvtyMatchers,
  type Receiver,
  type Span,
  type SpanFilter,
  startReceiver,
  type Trace,
  type TraceNode,
  type TraceShape,
} from "obsvty/testing";

declare function expect<Received>(received: Received): ObsvtyMatchers<Received>;
declare function extend(matchers: Record<string, (...received: never[]) => unknown>): void;

/** Uses every export, so that the compiler looks at all declarations. */
export async function use(): Promise<void> {
  await using receiver: Receiver = await startReceiver({
    protocol: "grpc",
    settings: { VALIDATION: "strict" },
  });
  const endpoint: string = receiver.env.OTEL_EXPORTER_OTLP_ENDPOINT;
  const filter: SpanFilter = {
    name: /GET/,
    kind: "server",
    statusCode: "STATUS_CODE_ERROR",
    minDuration: "1.5s",
  };
  const [span] = await receiver.waitForSpans(
    { ...filter, where: ({ events }) => events.length > 0 },
    { count: 2 },
  );
  const ofTrace: string | undefined = span?.traceId;
  const trace: Trace = await receiver.trace(ofTrace ?? endpoint);
  const node: TraceNode | undefined = trace.find(({ children }) => children.length > 1)?.parent;
  const shape: TraceShape = { name: "GET", children: [{ attributes: { paid: true, count: 3 } }] };
  if (node !== undefined) assertTraceShape(node, shape);
  const spans: Span[] = await receiver.spans();
  const first: Span = assertSpan(spans, filter);
  const log: LogRecord = await assertLog(receiver, { minSeverity: "error2" }, { timeoutMs: 10 });
  const point: MetricPoint = await assertMetric(receiver, { type: "sum", value: 3n });
  const rules: FaultRule[] = [{ signal: "logs", status: "UNAVAILABLE", retryDelay: 10 }, { reset: true }];
  receiver.faults.script(rules);
  const requests: readonly ExportRequest[] = receiver.requests();
  extend(matchers);
  expect(spans).toHaveSpan({ name: first.name });
  await expect(receiver).toHaveLog({ bodyContains: String(log.body) });
  await expect(receiver).toHaveMetric({ name: point.name }, { timeoutMs: requests.length });
  expect(trace).toBeTraceShaped(shape);
  // @ts-expect-error: a field that no filter has
  await receiver.logs({ nmae: "x" });
}
