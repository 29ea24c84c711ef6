import { readFileSync } from "node:fs";
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { pino } from "pino";
import { createServer } from "../../src/app.ts";
import { compose } from "../../src/compose.ts";
import { loadConfig } from "../../src/config/config.ts";
import { readRequest, writeResponse } from "./compat-messages.ts";
import { conformanceRegistrar } from "./conformance-service.ts";

/*
 * The server under test: it reads one ServerCompatRequest from stdin, listens, writes one ServerCompatResponse
 * to stdout and serves until the runner ends it. The listener and the plugins are the real ones; only the
 * services on the router differ.
 */

const [descriptors = ""] = process.argv.slice(2);
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(descriptors)));

const { messageReceiveLimit } = await readRequest(registry);
const config = loadConfig({
  env: {
    OTLP_GRPC_HOST: "127.0.0.1",
    OTLP_GRPC_PORT: "0",
    OTLP_HTTP_PORT: "off",
    RATE_LIMIT_MAX: "0",
    ...(messageReceiveLimit > 0 && { MAX_RECEIVE_MESSAGE_LENGTH: String(messageReceiveLimit) }),
  },
  file: "/nonexistent/.env",
});
// stdout belongs to the runner.
const logger = pino({ level: process.env.LOG_LEVEL ?? "silent" }, pino.destination({ fd: 2, sync: true }));
const { core } = await compose(config, logger);
const server = await createServer({
  config,
  core,
  logger,
  registrars: [conformanceRegistrar(registry)],
  maxDecodedRequestBytes: config.maxReceiveMessageLength,
});
const { grpc } = await server.listen();
const [host = "", port] = grpc.split(":");
writeResponse(registry, { host, port: Number(port) });

process.once("SIGTERM", () => process.exit(0));
