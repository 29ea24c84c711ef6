package main

import (
	"context"
	"errors"

	"go.opentelemetry.io/contrib/exporters/autoexport"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/log/global"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/trace"
)

// Sets the SDK up from the variables OTEL_*. The function that it returns sends what is left.
func startTelemetry(ctx context.Context) (func(context.Context) error, error) {
	spans, spansErr := autoexport.NewSpanExporter(ctx)
	logs, logsErr := autoexport.NewLogExporter(ctx)
	metrics, metricsErr := autoexport.NewMetricReader(ctx)
	if err := errors.Join(spansErr, logsErr, metricsErr); err != nil {
		return nil, err
	}
	tracers := trace.NewTracerProvider(trace.WithBatcher(spans))
	loggers := sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewBatchProcessor(logs)))
	meters := metric.NewMeterProvider(metric.WithReader(metrics))
	otel.SetTracerProvider(tracers)
	global.SetLoggerProvider(loggers)
	otel.SetMeterProvider(meters)
	return func(ctx context.Context) error {
		return errors.Join(tracers.Shutdown(ctx), loggers.Shutdown(ctx), meters.Shutdown(ctx))
	}, nil
}
