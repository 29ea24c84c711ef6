import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { text } from "node:stream/consumers";
import type { ClientTls } from "./server.ts";

export interface PostOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: ClientTls | undefined;
  readonly abort: AbortSignal;
}

export interface PostAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Sends a body. `fetch` would refuse to call some ports. */
export function httpPost(
  url: string,
  body: string,
  { headers, tls, abort }: PostOptions,
): Promise<PostAnswer> {
  const request = url.startsWith("https:") ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const options = { method: "POST", headers, ...tls, agent: false, signal: abort } as const;
    const call = request(url, options, (response) => {
      const { statusCode: status = 0, headers } = response;
      text(response).then(
        (body) => resolve({ status, contentType: headers["content-type"] ?? "", body }),
        reject,
      );
    });
    call.on("error", reject);
    call.end(body);
  });
}
