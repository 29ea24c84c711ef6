// A shop with one handler: POST /checkout takes {"id": "c1", "amount": 59.9}. It uses OpenTelemetry's API alone.
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import {
  logs,
  metrics,
  SeverityNumber,
  SpanKind,
  SpanStatusCode,
  trace,
  ValueType,
} from "@opentelemetry/api";

const tracer = trace.getTracer("shop", "1.0.0");
const logger = logs.getLogger("shop", "1.0.0");
const meter = metrics.getMeter("shop", "1.0.0");
const orders = meter.createCounter("shop.orders", {
  unit: "{order}",
  description: "Orders taken",
  valueType: ValueType.INT,
});
const amounts = meter.createHistogram("shop.order.amount", { unit: "EUR", description: "Worth of an order" });

const log = (severityText, body, cart) =>
  logger.emit({
    severityNumber: SeverityNumber[severityText],
    severityText,
    body,
    attributes: { "cart.id": cart.id },
  });

function charge(cart) {
  const attributes = { "cart.id": cart.id, "payment.amount": cart.amount };
  return tracer.startActiveSpan("charge card", { kind: SpanKind.CLIENT, attributes }, (span) => {
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

/** Returns the HTTP status and a line for the customer. */
function checkout(cart) {
  const attributes = { "http.request.method": "POST", "cart.id": cart.id };
  return tracer.startActiveSpan("POST /checkout", { kind: SpanKind.SERVER, attributes }, (span) => {
    let [status, outcome, line] = [200, "paid", `order ${cart.id} paid`];
    try {
      charge(cart);
      log("INFO", line, cart);
    } catch (error) {
      [status, outcome, line] = [402, "declined", `order ${cart.id} failed: ${error.message}`];
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      log("ERROR", line, cart);
    }
    span.setAttribute("http.response.status_code", status);
    orders.add(1, { outcome });
    amounts.record(cart.amount, { outcome });
    span.end();
    return { status, line };
  });
}

const server = createServer(async (request, response) => {
  if (request.method !== "POST" || request.url !== "/checkout") return response.writeHead(404).end();
  const { status, line } = checkout(await json(request));
  response.writeHead(status).end(line);
});
server.listen(Number(process.env.PORT ?? 8080), "127.0.0.1", () => {
  console.log(`the shop listens on http://127.0.0.1:${server.address().port}`);
});
