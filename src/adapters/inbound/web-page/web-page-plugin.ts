import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from "fastify";
import { acceptedCodings } from "../caller/header-spelling.ts";
import { encodings, type PageEncoding, type PageFile, readBuiltPage } from "./built-page.ts";

/** Nothing from elsewhere, nothing inline, and no other page may show this one within itself. */
const headers = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; font-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
};

const notBuilt = `The page has not been built. In a checkout of obsvty, run

    npm install && npm run build

and load this address again. Everything else works without it: the command line and curl show the same.
`;

const year = 31_536_000;

export interface WebPageOptions {
  /** @default reads the built page */
  readonly read?: () => ReadonlyMap<string, PageFile> | undefined;
}

/**
 * The page and its files. They are open to everyone, because they hold no telemetry: the page reads it by the public
 * API, with the rights of the person who looks at it.
 */
export const webPagePlugin: FastifyPluginCallback<WebPageOptions> = (app, { read = readBuiltPage }, done) => {
  let files: ReadonlyMap<string, PageFile> | undefined;

  const serve = (path: string, request: FastifyRequest, reply: FastifyReply): void => {
    // Looked for until it is there, so that a server that runs shows a page that is built later.
    files ??= read();
    reply.headers(headers);
    const file = files?.get(path);
    if (file === undefined) {
      const text = files === undefined ? notBuilt : "no such file of the page; load the page again\n";
      reply.code(404).header("cache-control", "no-store").type("text/plain; charset=utf-8").send(text);
      return;
    }
    const isPage = path === "/";
    const encoding = chosenEncoding(request.headers["accept-encoding"]);
    const tag = `"${file.hash}-${encoding}"`;
    reply.headers({
      "cache-control": isPage ? "no-cache" : `public, max-age=${year}, immutable`,
      etag: tag,
      vary: "accept-encoding",
    });
    if (isAmong(tag, request.headers["if-none-match"])) {
      reply.code(304).send();
      return;
    }
    if (encoding !== "identity") reply.header("content-encoding", encoding);
    reply.type(file.type).send(file.bodies[encoding]);
  };

  app.get("/", (request, reply) => serve("/", request, reply));
  app.get<{ Params: { "*": string } }>("/assets/*", (request, reply) =>
    serve(`/assets/${request.params["*"]}`, request, reply),
  );
  done();
};

/** A proxy may have made the tag a weak one (RFC 9110, 13.1.2). */
function isAmong(tag: string, header = ""): boolean {
  return header.split(",").some((item) => item.trim() === "*" || item.trim().replace(/^W\//, "") === tag);
}

/** The smallest that the caller takes. */
function chosenEncoding(header: string | string[] | undefined): PageEncoding {
  const taken = acceptedCodings(header);
  return encodings.find((encoding) => taken.includes(encoding)) ?? "identity";
}
