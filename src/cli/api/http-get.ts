import { get as getHttp } from "node:http";
import { get as getHttps } from "node:https";
import { text } from "node:stream/consumers";
import type { ClientTls } from "./server.ts";

/** The body of the answer, whatever its status. `fetch` would refuse to call some ports. */
export function httpGet(url: string, tls: ClientTls | undefined, abort: AbortSignal): Promise<string> {
  const get = url.startsWith("https:") ? getHttps : getHttp;
  return new Promise((resolve, reject) => {
    const request = get(url, { ...tls, agent: false, signal: abort }, (response) => {
      text(response).then(resolve, reject);
    });
    request.on("error", reject);
  });
}
