//! A shop with one handler: POST /checkout takes {"id": "c1", "amount": 59.9}.

pub mod telemetry;

use std::fmt;
use std::sync::{Arc, LazyLock};

use opentelemetry::metrics::{Counter, Histogram};
use opentelemetry::trace::{SpanKind, Status, TraceContextExt, Tracer};
use opentelemetry::{Context, InstrumentationScope, KeyValue, global};
use serde_json::Value;
use tiny_http::{Method, Request, Response, Server};

fn scope() -> InstrumentationScope {
    InstrumentationScope::builder("shop")
        .with_version("1.0.0")
        .build()
}

static ORDERS: LazyLock<Counter<u64>> = LazyLock::new(|| {
    let meter = global::meter_with_scope(scope());
    meter
        .u64_counter("shop.orders")
        .with_unit("{order}")
        .with_description("Orders taken")
        .build()
});
static AMOUNTS: LazyLock<Histogram<f64>> = LazyLock::new(|| {
    let meter = global::meter_with_scope(scope());
    meter
        .f64_histogram("shop.order.amount")
        .with_unit("EUR")
        .with_description("Worth of an order")
        .build()
});

#[derive(Debug)]
struct CardDeclined;

impl fmt::Display for CardDeclined {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("card declined")
    }
}

impl std::error::Error for CardDeclined {}

fn charge(id: &str, amount: f64) -> Result<(), CardDeclined> {
    let tracer = global::tracer_with_scope(scope());
    let span = tracer
        .span_builder("charge card")
        .with_kind(SpanKind::Client)
        .with_attributes([
            KeyValue::new("cart.id", id.to_owned()),
            KeyValue::new("payment.amount", amount),
        ])
        .start(&tracer);
    let context = Context::current_with_span(span);
    if amount <= 500.0 {
        return Ok(());
    }
    context.span().record_error(&CardDeclined);
    context.span().set_status(Status::error("card declined"));
    Err(CardDeclined)
}

/// Returns the HTTP status and a line for the customer.
fn checkout(id: &str, amount: f64) -> (u16, String) {
    let tracer = global::tracer_with_scope(scope());
    let span = tracer
        .span_builder("POST /checkout")
        .with_kind(SpanKind::Server)
        .with_attributes([
            KeyValue::new("http.request.method", "POST"),
            KeyValue::new("cart.id", id.to_owned()),
        ])
        .start(&tracer);
    let context = Context::current_with_span(span);
    let _current = context.clone().attach();
    let (status, outcome, line) = match charge(id, amount) {
        Ok(()) => {
            let line = format!("order {id} paid");
            tracing::info!(cart.id = id, "{line}");
            (200, "paid", line)
        }
        Err(error) => {
            let line = format!("order {id} failed: {error}");
            context.span().set_status(Status::error(error.to_string()));
            tracing::error!(cart.id = id, "{line}");
            (402, "declined", line)
        }
    };
    context
        .span()
        .set_attribute(KeyValue::new("http.response.status_code", i64::from(status)));
    let outcome = [KeyValue::new("outcome", outcome)];
    ORDERS.add(1, &outcome);
    AMOUNTS.record(amount, &outcome);
    (status, line)
}

/// Listens on the port, or with 0 on a free one, and serves on a thread of its own.
pub fn listen(port: u16) -> Arc<Server> {
    let server = Arc::new(Server::http(("127.0.0.1", port)).expect("the port is free"));
    let serving = Arc::clone(&server);
    std::thread::spawn(move || serving.incoming_requests().for_each(handle));
    server
}

fn handle(mut request: Request) {
    if (request.method(), request.url()) != (&Method::Post, "/checkout") {
        return request.respond(Response::empty(404)).unwrap_or_default();
    }
    let Ok(cart) = serde_json::from_reader::<_, Value>(request.as_reader()) else {
        return request.respond(Response::empty(400)).unwrap_or_default();
    };
    let (status, line) = checkout(
        cart["id"].as_str().unwrap_or_default(),
        cart["amount"].as_f64().unwrap_or_default(),
    );
    request
        .respond(Response::from_string(line).with_status_code(status))
        .unwrap_or_default();
}
