use std::env;
use std::sync::LazyLock;

use serde_json::{Value, json};
use shop::telemetry::{self, Telemetry};

static TELEMETRY: LazyLock<Telemetry> = LazyLock::new(|| telemetry::start().unwrap());

fn post(url: &str, body: Value) -> (u16, String) {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();
    let mut answer = agent.post(url).send_json(body).unwrap();
    (
        answer.status().as_u16(),
        answer.body_mut().read_to_string().unwrap(),
    )
}

fn wait_for(items: Value) {
    let url = env::var("OTEL_EXPORTER_OTLP_ENDPOINT").unwrap() + "/obsvty.v1.QueryService/WaitFor";
    let (status, text) = post(&url, items);
    assert_eq!(status, 200, "{text}");
}

fn checkout(cart: Value) -> u16 {
    LazyLock::force(&TELEMETRY);
    let server = shop::listen(0);
    post(&format!("http://{}/checkout", server.server_addr()), cart).0
}

#[test]
fn a_declined_card_fails_the_order() {
    assert_eq!(checkout(json!({"id": "c3", "amount": 999.5})), 402);
    let span =
        json!({"name": "charge card", "statusCode": "STATUS_CODE_ERROR", "attributes": {"cart.id": "c3"}});
    wait_for(json!({"spans": span, "timeout": "10s"}));
    let log = json!({"minSeverity": "SEVERITY_NUMBER_ERROR", "bodyContains": "card declined"});
    wait_for(json!({"logs": log, "timeout": "10s"}));
}

#[test]
fn an_order_that_is_paid_is_counted() {
    assert_eq!(checkout(json!({"id": "c1", "amount": 59.9})), 200);
    let metric = json!({"name": "shop.orders", "attributes": {"outcome": "paid"}});
    wait_for(json!({"metrics": metric, "timeout": "10s"}));
}
