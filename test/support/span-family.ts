import { spanNodes } from "../../src/web/views/trace/span-nodes.ts";

/** a > (b > c, d), and e, whose parent is not held. */
export const family = spanNodes({
  spans: [
    { spanId: "a", name: "POST /checkout", service: "shop", start: "0s", duration: "1s", depth: 0 },
    {
      spanId: "b",
      parentSpanId: "a",
      name: "pay",
      service: "bank",
      start: "0.1s",
      duration: "0.5s",
      depth: 1,
    },
    {
      spanId: "c",
      parentSpanId: "b",
      name: "charge",
      failed: true,
      start: "0.2s",
      duration: "0.1s",
      depth: 2,
    },
    { spanId: "d", parentSpanId: "a", name: "mail", depth: 1 },
    { spanId: "e", parentSpanId: "gone", name: "late", kind: "SPAN_KIND_CLIENT", depth: 0 },
  ],
});
