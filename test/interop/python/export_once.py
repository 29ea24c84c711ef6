"""Exports one span by the official SDK, over OTEL_EXPORTER_OTLP_PROTOCOL to OTEL_EXPORTER_OTLP_ENDPOINT.

Prints "SUCCESS" or "FAILURE", as the exporter says.
"""

import os

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter

if os.environ["OTEL_EXPORTER_OTLP_PROTOCOL"] == "grpc":
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
else:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter


class Told(SpanExporter):
    """Hands spans to the real exporter, and tells what came of it."""

    def __init__(self):
        self.exporter = OTLPSpanExporter()

    def export(self, spans):
        result = self.exporter.export(spans)
        print(result.name)
        return result

    def shutdown(self):
        self.exporter.shutdown()


provider = TracerProvider(resource=Resource.create({"service.name": "python"}))
provider.add_span_processor(SimpleSpanProcessor(Told()))
with provider.get_tracer("interop").start_as_current_span("GET /cart") as span:
    span.set_attribute("cart.id", "c1")
provider.shutdown()
