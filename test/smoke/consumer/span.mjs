/** A request with one span, for `fetch`. */
export function span(name) {
  const traceId = "5b8efff798038103d269b633813fc60c";
  const spans = [{ traceId, spanId: "eee19b7ec3c1b174", name }];
  const attributes = [{ key: "service.name", value: { stringValue: "consumer" } }];
  const resourceSpans = [{ resource: { attributes }, scopeSpans: [{ spans }] }];
  return {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ resourceSpans }),
  };
}
