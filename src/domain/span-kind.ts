/** OTLP's SPAN_KIND_* of spans that are one side of a call, or of a message. */
export const spanKinds = { server: 2, client: 3, producer: 4, consumer: 5 } as const;

/** Whether a span of this kind is the side from which a call or a message goes out. */
export function isCallerKind(kind: number | undefined): boolean {
  return kind === spanKinds.client || kind === spanKinds.producer;
}

/** Whether a span of this kind is the side at which a call or a message comes in. */
export function isCalleeKind(kind: number | undefined): boolean {
  return kind === spanKinds.server || kind === spanKinds.consumer;
}
