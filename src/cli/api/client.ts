import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { type Client, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { QueryService } from "../../../gen/obsvty/v1/query_pb.ts";
import type { Server } from "./server.ts";

export type QueryClient = Client<typeof QueryService>;

/** A client of the public API. It speaks HTTP/1.1, which every proxy forwards. */
export function createQueryClient({ url, headers, tls }: Server): QueryClient {
  const agent = url.startsWith("https:")
    ? new HttpsAgent({ keepAlive: true, ...tls })
    : new HttpAgent({ keepAlive: true });
  const transport = createConnectTransport({
    baseUrl: url,
    httpVersion: "1.1",
    nodeOptions: { agent },
    interceptors: [
      (next) => (request) => {
        for (const [name, value] of Object.entries(headers)) request.header.set(name, value);
        return next(request);
      },
    ],
  });
  return createClient(QueryService, transport);
}
