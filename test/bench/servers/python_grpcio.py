"""A Python grpcio receiver that keeps decoded items in a deque."""

import json
import sys
from collections import deque
from concurrent.futures import ThreadPoolExecutor

import grpc
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2, logs_service_pb2_grpc
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2, metrics_service_pb2_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

kept = deque(maxlen=10_000)
counts = {"requests": 0, "items": 0}


def keep(items):
    kept.extend(items)
    counts["items"] += len(items)


class Traces(trace_service_pb2_grpc.TraceServiceServicer):
    def Export(self, request, context):
        counts["requests"] += 1
        for resource in request.resource_spans:
            for scope in resource.scope_spans:
                keep(scope.spans)
        return trace_service_pb2.ExportTraceServiceResponse()


class Logs(logs_service_pb2_grpc.LogsServiceServicer):
    def Export(self, request, context):
        counts["requests"] += 1
        for resource in request.resource_logs:
            for scope in resource.scope_logs:
                keep(scope.log_records)
        return logs_service_pb2.ExportLogsServiceResponse()


class Metrics(metrics_service_pb2_grpc.MetricsServiceServicer):
    def Export(self, request, context):
        counts["requests"] += 1
        for resource in request.resource_metrics:
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    keep(getattr(metric, metric.WhichOneof("data")).data_points)
        return metrics_service_pb2.ExportMetricsServiceResponse()


# One worker: on one core more of them only switch, and the counters need no lock.
server = grpc.server(ThreadPoolExecutor(max_workers=1))
trace_service_pb2_grpc.add_TraceServiceServicer_to_server(Traces(), server)
logs_service_pb2_grpc.add_LogsServiceServicer_to_server(Logs(), server)
metrics_service_pb2_grpc.add_MetricsServiceServicer_to_server(Metrics(), server)
port = server.add_insecure_port("127.0.0.1:0")
server.start()
print(json.dumps({"port": port}), flush=True)
for _ in sys.stdin:
    print(json.dumps(counts), flush=True)
