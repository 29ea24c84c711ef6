// A small shop that checks out three carts, instrumented with the official OpenTelemetry SDK. It sends its
// traces, logs and metrics over gRPC and prints how to read them back.

// The SDK is set up by the environment alone, as any service would be; what is set already wins.
const settings = {
  OTEL_SERVICE_NAME: "shop",
  OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost:4317",
  OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
  OTEL_TRACES_EXPORTER: "otlp",
  OTEL_LOGS_EXPORTER: "otlp",
  OTEL_METRICS_EXPORTER: "otlp",
};
for (const [key, value] of Object.entries(settings)) process.env[key] ||= value;

const { logs, metrics, SeverityNumber, SpanKind, SpanStatusCode, trace } = await import("@opentelemetry/api");
const { NodeSDK } = await import("@opentelemetry/sdk-node");

const sdk = new NodeSDK();
sdk.start();

const tracer = trace.getTracer("checkout", "1.0.0");
const logger = logs.getLogger("checkout", "1.0.0");
const meter = metrics.getMeter("checkout", "1.0.0");
const orders = meter.createCounter("shop.orders", { unit: "{order}", description: "Orders taken" });
const amounts = meter.createHistogram("shop.order.amount", { unit: "EUR", description: "Worth of an order" });

/** Charges a card; the last of the three is declined. */
function charge(cart) {
  return tracer.startActiveSpan("charge card", { kind: SpanKind.CLIENT }, (span) => {
    span.setAttributes({ "payment.amount": cart.amount, "payment.currency": "EUR" });
    span.addEvent("card checked", { "card.network": "visa" });
    try {
      if (cart.amount > 500) throw new Error("card declined");
    } catch (error) {
      span.recordException(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      throw error;
    } finally {
      span.end();
    }
  });
}

let previous;

function checkout(cart) {
  const links =
    previous === undefined ? [] : [{ context: previous, attributes: { "link.kind": "previous" } }];
  tracer.startActiveSpan("POST /checkout", { kind: SpanKind.SERVER, links }, (span) => {
    previous = span.spanContext();
    span.setAttributes({ "http.request.method": "POST", "cart.id": cart.id, "cart.items": cart.items });
    try {
      charge(cart);
      span.setAttribute("http.response.status_code", 200);
      orders.add(1, { outcome: "paid" });
      amounts.record(cart.amount, { outcome: "paid" });
      logger.emit({
        severityNumber: SeverityNumber.INFO,
        severityText: "INFO",
        body: `order ${cart.id} paid`,
        attributes: { "cart.id": cart.id },
      });
    } catch (error) {
      span.setAttribute("http.response.status_code", 402);
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      orders.add(1, { outcome: "declined" });
      logger.emit({
        severityNumber: SeverityNumber.ERROR,
        severityText: "ERROR",
        body: `order ${cart.id} failed: ${error.message}`,
        attributes: { "cart.id": cart.id },
      });
    } finally {
      span.end();
    }
  });
}

for (const cart of [
  { id: "a1", items: 2, amount: 59.9 },
  { id: "b2", items: 1, amount: 120 },
  { id: "c3", items: 7, amount: 999.5 },
]) {
  checkout(cart);
}

const traceId = previous.traceId;
// Sends what is waiting, too.
try {
  await sdk.shutdown();
} catch ({ message }) {
  const endpoint = process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
  console.error(
    message.includes("ECONNREFUSED")
      ? `Nothing answers at ${endpoint}: start obsvty first.`
      : `Not everything could be sent to ${endpoint}: ${message.split("\n")[0]}`,
  );
  process.exit(1);
}

const query = `${process.env.OTEL_EXPORTER_OTLP_ENDPOINT}/obsvty.v1.QueryService`;
// With TLS, curl needs the files that the SDK has.
const files = { "--cacert": "CERTIFICATE", "--cert": "CLIENT_CERTIFICATE", "--key": "CLIENT_KEY" };
const tls = Object.entries(files)
  .map(([flag, key]) => [flag, process.env[`OTEL_EXPORTER_OTLP_${key}`]])
  .filter(([, path]) => path)
  .map(([flag, path]) => `${flag} ${path} `)
  .join("");
const json = `${tls}-H 'content-type: application/json'`;
console.log(`Sent 6 spans, 3 log records and 3 data points. Read them back with:

curl ${json} -d '{"traceId":"${traceId}"}' ${query}/GetTrace
curl ${json} -d '{"filter":{"service":"shop"}}' ${query}/SearchSpans
curl ${json} -d '{"filter":{"minSeverity":"SEVERITY_NUMBER_ERROR"}}' ${query}/SearchLogs
curl ${json} -d '{"filter":{"name":"shop.orders"}}' ${query}/SearchMetrics`);
