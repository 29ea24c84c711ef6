import { FakeKafka } from "../../support/fake-kafka.ts";
import { countSpans } from "./count-spans.ts";
import { reportOnStdio } from "./report.ts";

// A broker that counts the spans of what it is sent and keeps nothing.

let requests = 0;
let items = 0;

const kafka = new FakeKafka({ after: () => {} });
kafka.onProduce = ({ values }) => {
  requests += values.length;
  for (const value of values) items += countSpans(value);
  kafka.received.length = 0;
  kafka.taken.length = 0;
  kafka.requests.length = 0;
  return "appends";
};
await kafka.start();
reportOnStdio(kafka.broker.port, () => ({ requests, items }));
