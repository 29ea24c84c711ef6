import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { contentTypes, mediaTypeOf } from "../../../otlp/content-types.ts";
import { httpPost } from "../../api/http-post.ts";
import type { CommandContext } from "../command-context.ts";

interface Message {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: {
    readonly name?: string;
    readonly requestId?: string | number;
    readonly _meta?: Readonly<Record<string, unknown>>;
  };
  readonly result?: { readonly protocolVersion?: string };
}

/** Where a request of the stateless protocol names its version (MCP 2026-07-28, "Request metadata"). */
const versionKey = "io.modelcontextprotocol/protocolVersion";

interface McpContext extends Pick<CommandContext, "server" | "output" | "abort"> {
  readonly stdin: Readable;
}

/**
 * Serves the Model Context Protocol on stdin and stdout, one message a line, for clients that start a program: each
 * message goes to the server's endpoint. It ends when the client closes stdin and all is answered.
 */
export async function mcp({ server, output, abort, stdin }: McpContext): Promise<number> {
  const calls = new Map<string | number, AbortController>();
  const underWay = new Set<Promise<void>>();
  // What the handshake agreed on, for messages of the older protocol.
  let agreed: string | undefined;

  const answer = async (line: string, { id, method, params }: Message) => {
    const cancel = new AbortController();
    if (id !== undefined) calls.set(id, cancel);
    try {
      const version = params?._meta?.[versionKey];
      const headers = {
        ...server.headers,
        "content-type": contentTypes.json,
        accept: `${contentTypes.json}, ${eventStream}`,
        ...(typeof version === "string"
          ? {
              "mcp-protocol-version": version,
              ...(method !== undefined && { "mcp-method": method }),
              ...(method === "tools/call" && params?.name !== undefined && { "mcp-name": params.name }),
            }
          : agreed !== undefined && { "mcp-protocol-version": agreed }),
      };
      const signal = AbortSignal.any([abort, cancel.signal]);
      const { contentType, body, status } = await httpPost(`${server.url}/mcp`, line, {
        headers,
        tls: server.tls,
        abort: signal,
      });
      const answers = messagesOf(body, contentType);
      if (id !== undefined && answers.length === 0) {
        await output.lines([failure(id, `${server.url} answered ${status}: ${reasonOf(body)}`)]);
      }
      if (method === "initialize")
        agreed = (JSON.parse(answers[0] ?? "{}") as Message).result?.protocolVersion;
      await output.lines(answers);
    } catch (reason) {
      abort.throwIfAborted();
      // Of a request that was cancelled the client wants no answer.
      if (id !== undefined && !cancel.signal.aborted) {
        await output.lines([failure(id, `cannot reach ${server.url}: ${(reason as Error).message}`)]);
      }
    } finally {
      if (id !== undefined) calls.delete(id);
    }
  };

  for await (const line of createInterface({ input: stdin, signal: abort })) {
    const message = messageOf(line);
    if (message?.method === "notifications/cancelled" && message.params?.requestId !== undefined) {
      calls.get(message.params.requestId)?.abort();
    } else if (message !== undefined) {
      const call = answer(line, message);
      underWay.add(call);
      call.finally(() => underWay.delete(call)).catch(() => {});
      // The version has to be known before the next message.
      if (message.method === "initialize") await call;
    } else if (line.trim() !== "") {
      await output.lines([failure(null, "not a message of JSON-RPC", -32_700)]);
    }
  }
  await Promise.all(underWay);
  return 0;
}

const eventStream = "text/event-stream";

function messageOf(line: string): Message | undefined {
  try {
    const message: unknown = JSON.parse(line);
    return typeof message === "object" && message !== null && !Array.isArray(message) ? message : undefined;
  } catch {
    return undefined;
  }
}

/** The messages of JSON-RPC in an answer, each on one line. */
function messagesOf(body: string, contentType: string): string[] {
  const texts =
    mediaTypeOf(contentType) === eventStream
      ? Array.from(body.matchAll(/^data: ?(.+)$/gm), ([, data = ""]) => data)
      : [body];
  return texts.flatMap((text) => {
    const message = messageOf(text);
    return message !== undefined && "jsonrpc" in message ? [JSON.stringify(message)] : [];
  });
}

function reasonOf(body: string): string {
  const message = messageOf(body) as { readonly message?: unknown } | undefined;
  return typeof message?.message === "string" ? message.message : "no message of the protocol";
}

function failure(id: string | number | null, message: string, code = -32_000): string {
  return JSON.stringify({ jsonrpc: "2.0", id, error: { code, message } });
}
