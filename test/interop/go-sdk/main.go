// Exports a span, a log record and a data point by OTLP/gRPC, set up by the environment alone, and exits with 1 when
// an exporter refuses.
package main

import (
	"context"
	"log"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploggrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	otellog "go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

func main() {
	ctx := context.Background()
	must := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	spans, err := otlptracegrpc.New(ctx)
	must(err)
	tracing := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	_, span := tracing.Tracer("interop").Start(ctx, "one span")
	span.End()
	must(tracing.Shutdown(ctx))

	logs, err := otlploggrpc.New(ctx)
	must(err)
	logging := sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewSimpleProcessor(logs)))
	var record otellog.Record
	record.SetBody(attribute.StringValue("one log"))
	logging.Logger("interop").Emit(ctx, record)
	must(logging.Shutdown(ctx))

	points, err := otlpmetricgrpc.New(ctx)
	must(err)
	metering := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewPeriodicReader(points)))
	counter, err := metering.Meter("interop").Int64Counter("one")
	must(err)
	counter.Add(ctx, 1)
	must(metering.Shutdown(ctx))
}
