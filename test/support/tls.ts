import { request } from "node:https";
import { text } from "node:stream/consumers";
import type { TestContext } from "node:test";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import type { SettingKey } from "../../src/config/settings.ts";
import { type Authority, createAuthority, type TlsFiles, writeCertificate } from "./certificates.ts";
import { startServer, type TestServer } from "./server.ts";

export interface TlsServer extends TestServer {
  readonly authority: Authority;
  readonly files: TlsFiles;
  /** What a client must know to trust the server. */
  readonly trust: { readonly ca: string };
}

/** A server with a certificate of its own authority. */
export async function startTlsServer(
  t: TestContext,
  settings: Partial<Record<SettingKey, string>> = {},
  start: (t: TestContext, options: { settings: typeof settings }) => Promise<TestServer> = startServer,
): Promise<TlsServer> {
  const authority = createAuthority("the server's authority");
  const files = writeCertificate(t, authority.issue("server"));
  const server = await start(t, { settings: { ...files, ...settings } });
  return { ...server, authority, files, trust: { ca: authority.cert } };
}

export interface HttpsReply {
  readonly status: number;
  readonly body: string;
}

/** A GET over HTTP/1.1 and a connection of its own. */
export function getHttps(url: string, options: ConnectionOptions): Promise<HttpsReply> {
  return new Promise((resolve, reject) => {
    const call = request(url, { ...options, agent: false }, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    });
    call.on("error", reject);
    call.end();
  });
}

/** A TLS connection after its handshake, for any bytes. Rejects when the handshake fails. */
export function handshake(
  t: TestContext,
  { port, trust }: Pick<TlsServer, "port" | "trust">,
  options: ConnectionOptions = {},
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, ...trust, ...options }, () => resolve(socket));
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("closed before the handshake ended")));
    t.after(() => socket.destroy());
  });
}
