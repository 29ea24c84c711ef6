//! Sets the SDK up from the variables OTEL_*.

use std::error::Error;

use opentelemetry::global;
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_otlp::{LogExporter, MetricExporter, SpanExporter};
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tokio::runtime::Runtime;
use tracing_subscriber::prelude::*;

/// What sends what is left when it is dropped.
pub struct Telemetry {
    tracers: SdkTracerProvider,
    loggers: SdkLoggerProvider,
    meters: SdkMeterProvider,
    /// The exporters of gRPC need one.
    _runtime: Runtime,
}

pub fn start() -> Result<Telemetry, Box<dyn Error>> {
    let runtime = Runtime::new()?;
    let in_runtime = runtime.enter();
    let tracers = SdkTracerProvider::builder()
        .with_batch_exporter(SpanExporter::builder().build()?)
        .build();
    let loggers = SdkLoggerProvider::builder()
        .with_batch_exporter(LogExporter::builder().build()?)
        .build();
    let meters = SdkMeterProvider::builder()
        .with_periodic_exporter(MetricExporter::builder().build()?)
        .build();
    drop(in_runtime);
    global::set_tracer_provider(tracers.clone());
    global::set_meter_provider(meters.clone());
    // The SDK logs its own work by tracing too.
    let shop_alone = tracing_subscriber::filter::filter_fn(|record| record.target().starts_with("shop"));
    tracing_subscriber::registry()
        .with(OpenTelemetryTracingBridge::new(&loggers).with_filter(shop_alone))
        .init();
    Ok(Telemetry {
        tracers,
        loggers,
        meters,
        _runtime: runtime,
    })
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        for result in [
            self.tracers.shutdown(),
            self.loggers.shutdown(),
            self.meters.shutdown(),
        ] {
            if let Err(error) = result {
                eprintln!("not everything was sent: {error}");
            }
        }
    }
}
