// A shop that checks a cart out when its button is clicked.
import {
  context,
  logs,
  metrics,
  SeverityNumber,
  SpanKind,
  SpanStatusCode,
  trace,
  ValueType,
} from "@opentelemetry/api";
import { flush } from "./telemetry.js";

const tracer = trace.getTracer("shop", "1.0.0");
const logger = logs.getLogger("shop", "1.0.0");
const meter = metrics.getMeter("shop", "1.0.0");
const orders = meter.createCounter("shop.orders", {
  unit: "{order}",
  description: "Orders taken",
  valueType: ValueType.INT,
});
const amounts = meter.createHistogram("shop.order.amount", { unit: "EUR", description: "Worth of an order" });

function charge(cart, parent) {
  const attributes = { "cart.id": cart.id, "payment.amount": cart.amount };
  const span = tracer.startSpan("charge card", { kind: SpanKind.CLIENT, attributes }, parent);
  try {
    if (cart.amount > 500) throw new Error("card declined");
  } catch (error) {
    span.recordException(error);
    span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
    throw error;
  } finally {
    span.end();
  }
}

/** Returns a line for the customer. */
function checkout(cart) {
  const span = tracer.startSpan("click checkout", { attributes: { "cart.id": cart.id } });
  const inSpan = trace.setSpan(context.active(), span);
  let [severityText, outcome, body] = ["INFO", "paid", `order ${cart.id} paid`];
  try {
    charge(cart, inSpan);
  } catch (error) {
    [severityText, outcome, body] = ["ERROR", "declined", `order ${cart.id} failed: ${error.message}`];
    span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
  }
  const severityNumber = SeverityNumber[severityText];
  logger.emit({ severityNumber, severityText, body, attributes: { "cart.id": cart.id }, context: inSpan });
  orders.add(1, { outcome });
  amounts.record(cart.amount, { outcome });
  span.end();
  return body;
}

let carts = 0;
for (const button of document.querySelectorAll("button")) {
  button.addEventListener("click", async () => {
    carts += 1;
    document.querySelector("output").value = checkout({ id: `c${carts}`, amount: Number(button.value) });
    await flush();
  });
}
