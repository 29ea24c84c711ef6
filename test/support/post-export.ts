import { type Signal, signalTraits } from "../../src/domain/signal.ts";

/** Sends an encoded Export request by OTLP/HTTP. @returns the HTTP status */
export async function postExport(
  { url }: { readonly url: string },
  signal: Signal,
  body: Uint8Array,
): Promise<number> {
  const reply = await fetch(`${url}${signalTraits[signal].httpPath}`, {
    method: "POST",
    headers: { "content-type": "application/x-protobuf" },
    body: new Uint8Array(body),
  });
  return reply.status;
}
