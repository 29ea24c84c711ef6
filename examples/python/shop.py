"""A shop with one handler: POST /checkout takes {"id": "c1", "amount": 59.9}.

It uses OpenTelemetry's API alone. opentelemetry-instrument sets the SDK up from the variables OTEL_*.
"""

import json
import logging
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry import metrics, trace
from opentelemetry.trace import SpanKind, StatusCode

tracer = trace.get_tracer("shop", "1.0.0")
meter = metrics.get_meter("shop", "1.0.0")
logger = logging.getLogger("shop")
logger.setLevel(logging.INFO)

orders = meter.create_counter("shop.orders", unit="{order}", description="Orders taken")
amounts = meter.create_histogram("shop.order.amount", unit="EUR", description="Worth of an order")


class CardDeclined(Exception):
    pass


@tracer.start_as_current_span("charge card", kind=SpanKind.CLIENT, set_status_on_exception=False)
def charge(cart):
    span = trace.get_current_span()
    span.set_attributes({"cart.id": cart["id"], "payment.amount": float(cart["amount"])})
    if cart["amount"] > 500:
        span.set_status(StatusCode.ERROR, "card declined")
        raise CardDeclined("card declined")


def checkout(cart):
    """Returns the HTTP status and a line for the customer."""
    attributes = {"http.request.method": "POST", "cart.id": cart["id"]}
    with tracer.start_as_current_span("POST /checkout", kind=SpanKind.SERVER, attributes=attributes) as span:
        try:
            charge(cart)
            status, outcome, line = 200, "paid", f"order {cart['id']} paid"
            logger.info(line, extra={"cart.id": cart["id"]})
        except CardDeclined as error:
            status, outcome, line = 402, "declined", f"order {cart['id']} failed: {error}"
            span.set_status(StatusCode.ERROR, str(error))
            logger.error(line, extra={"cart.id": cart["id"]})
        span.set_attribute("http.response.status_code", status)
        orders.add(1, {"outcome": outcome})
        amounts.record(cart["amount"], {"outcome": outcome})
        return status, line


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        if self.path != "/checkout":
            return self.send_error(404)
        cart = json.loads(self.rfile.read(int(self.headers["content-length"])))
        status, line = checkout(cart)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(line.encode())

    def log_message(self, *_):
        pass


def open_shop(port=0):
    """Binds to the port, or to a free one. The caller serves."""
    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


if __name__ == "__main__":
    # The SDK flushes when the interpreter exits.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    server = open_shop(int(os.environ.get("PORT", "8080")))
    print(f"the shop listens on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
