import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ExporterProtocol } from "../../../src/testing/exporter-env.ts";

/** A program and its arguments. */
export type Command = readonly [program: string, ...args: string[]];

/** A shop of `examples/`, and how its language's ordinary tools fetch, build, test and run it. */
export interface Language {
  readonly name: string;
  /** Its folder in `examples/`. Commands run in a copy of it. */
  readonly folder: string;
  /** Programs that must be on the PATH. */
  readonly tools: readonly string[];
  /** Gets all that the registry has to give. */
  readonly fetch: readonly Command[];
  readonly build: readonly Command[];
  /** Its own tests. */
  readonly tests: readonly Command[];
  /** Whether the tests start a receiver themselves; others need one around them. */
  readonly testsHaveReceiver?: boolean;
  /** Not there where no process serves the shop. */
  readonly server?: ShopServer;
}

export interface ShopServer {
  /** Serves the shop at PORT. */
  readonly serve: (folder: string) => Command;
  /** The file that pins the SDK, and its version there. */
  readonly sdk: { readonly file: string; readonly pattern: RegExp };
  readonly protocols: readonly ExporterProtocol[];
}

export interface ServingLanguage extends Language {
  readonly server: ShopServer;
}

const python = process.env.PYTHON ?? "python3";
const quietly = ["--no-audit", "--no-fund", "--loglevel=error"];
/** `npm pack` of the checkout puts it there. */
export const packed = "obsvty.tgz";
const installWithObsvty: Command = ["npm", "install", "--no-save", ...quietly, `./${packed}`];

export const languages: readonly Language[] = [
  {
    name: "Python",
    folder: "python",
    tools: [python],
    fetch: [
      [python, "-m", "venv", "venv"],
      ["venv/bin/pip", "install", "-q", "--disable-pip-version-check", "-r", "requirements.txt"],
    ],
    build: [],
    tests: [["venv/bin/opentelemetry-instrument", "venv/bin/pytest", "-q"]],
    server: {
      serve: () => ["venv/bin/opentelemetry-instrument", "venv/bin/python", "shop.py"],
      sdk: { file: "requirements.txt", pattern: /exporter-otlp==(\S+)/ },
      protocols: ["grpc", "http/protobuf"],
    },
  },
  {
    name: "Go",
    folder: "go",
    tools: ["go"],
    fetch: [["go", "list", "-deps", "-test", "."]],
    build: [["go", "build", "-o", "shop", "."]],
    tests: [["go", "test", "-count=1", "./..."]],
    server: {
      serve: (folder) => [join(folder, "shop")],
      sdk: { file: "go.mod", pattern: /opentelemetry\.io\/otel\/sdk v(\S+)/ },
      protocols: ["grpc", "http/protobuf"],
    },
  },
  {
    name: "JavaScript",
    folder: "node",
    tools: ["npm"],
    fetch: [installWithObsvty],
    build: [],
    tests: [
      ["npm", "run", "-s", "test:node"],
      ["npm", "run", "-s", "test:vitest"],
    ],
    testsHaveReceiver: true,
    server: {
      serve: () => [process.execPath, "--import", "./telemetry.js", "shop.js"],
      sdk: { file: "package.json", pattern: /sdk-node": "([^"]+)/ },
      protocols: ["grpc", "http/protobuf", "http/json"],
    },
  },
  {
    name: "Java",
    folder: "java",
    tools: ["java", "mvn"],
    fetch: [["mvn", "-q", "-B", "dependency:resolve", "dependency:resolve-plugins"]],
    build: [["mvn", "-q", "-B", "test-compile", "dependency:build-classpath", "-Dmdep.outputFile=classpath"]],
    tests: [["mvn", "-q", "-B", "test"]],
    server: {
      serve: (folder) => {
        const libraries = readFileSync(join(folder, "classpath"), "utf8");
        return ["java", "-cp", `target/classes:${libraries}`, "shop.Shop"];
      },
      sdk: { file: "pom.xml", pattern: /<opentelemetry.version>([^<]+)/ },
      protocols: ["grpc", "http/protobuf"],
    },
  },
  {
    name: "a browser",
    folder: "browser",
    tools: ["npm", "chromium"],
    fetch: [installWithObsvty],
    build: [],
    tests: [["npm", "test"]],
    testsHaveReceiver: true,
  },
  { name: "curl", folder: "curl", tools: ["curl"], fetch: [], build: [], tests: [["./curl.sh"]] },
  { name: "grpcurl", folder: "curl", tools: ["grpcurl"], fetch: [], build: [], tests: [["./grpcurl.sh"]] },
  // The last, since it takes longest to build.
  {
    name: "Rust",
    folder: "rust",
    tools: ["cargo"],
    fetch: [["cargo", "fetch", "-q", "--locked"]],
    build: [["cargo", "test", "-q", "--locked", "--no-run"]],
    tests: [["cargo", "test", "-q", "--locked", "--tests"]],
    server: {
      serve: () => ["target/debug/shop"],
      sdk: { file: "Cargo.lock", pattern: /name = "opentelemetry-otlp"\nversion = "([^"]+)/ },
      protocols: ["grpc", "http/protobuf"],
    },
  },
];

/** Those with a server. */
export const servers = languages.filter(
  (language): language is ServingLanguage => language.server !== undefined,
);
