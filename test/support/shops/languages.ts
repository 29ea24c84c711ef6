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
  /** Serves the shop at PORT. Not there for a page, which a browser runs. */
  readonly serve?: (folder: string) => Command;
  /** The SDK's version, of the files that pin it. */
  readonly sdk: { readonly file: string; readonly pattern: RegExp };
  readonly protocols: readonly ExporterProtocol[];
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
    serve: () => ["venv/bin/opentelemetry-instrument", "venv/bin/python", "shop.py"],
    sdk: { file: "requirements.txt", pattern: /exporter-otlp==(\S+)/ },
    protocols: ["grpc", "http/protobuf"],
  },
  {
    name: "Go",
    folder: "go",
    tools: ["go"],
    fetch: [["go", "list", "-deps", "-test", "."]],
    build: [["go", "build", "-o", "shop", "."]],
    tests: [["go", "test", "-count=1", "./..."]],
    serve: (folder) => [join(folder, "shop")],
    sdk: { file: "go.mod", pattern: /opentelemetry\.io\/otel\/sdk v(\S+)/ },
    protocols: ["grpc", "http/protobuf"],
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
    serve: () => [process.execPath, "--import", "./telemetry.js", "shop.js"],
    sdk: { file: "package.json", pattern: /sdk-node": "([^"]+)/ },
    protocols: ["grpc", "http/protobuf", "http/json"],
  },
  {
    name: "Java",
    folder: "java",
    tools: ["java", "mvn"],
    fetch: [["mvn", "-q", "-B", "dependency:resolve", "dependency:resolve-plugins"]],
    build: [["mvn", "-q", "-B", "test-compile", "dependency:build-classpath", "-Dmdep.outputFile=classpath"]],
    tests: [["mvn", "-q", "-B", "test"]],
    serve: (folder) => {
      const libraries = readFileSync(join(folder, "classpath"), "utf8");
      return ["java", "-cp", `target/classes:${libraries}`, "shop.Shop"];
    },
    sdk: { file: "pom.xml", pattern: /<opentelemetry.version>([^<]+)/ },
    protocols: ["grpc", "http/protobuf"],
  },
  {
    name: "Rust",
    folder: "rust",
    tools: ["cargo"],
    fetch: [["cargo", "fetch", "-q", "--locked"]],
    build: [["cargo", "test", "-q", "--locked", "--no-run"]],
    tests: [["cargo", "test", "-q", "--locked", "--tests"]],
    serve: () => ["target/debug/shop"],
    sdk: { file: "Cargo.lock", pattern: /name = "opentelemetry-otlp"\nversion = "([^"]+)/ },
    protocols: ["grpc", "http/protobuf"],
  },
  {
    name: "a browser",
    folder: "browser",
    tools: ["npm", "chromium"],
    fetch: [installWithObsvty],
    build: [],
    tests: [["npm", "test"]],
    testsHaveReceiver: true,
    sdk: { file: "package.json", pattern: /sdk-trace": "([^"]+)/ },
    protocols: ["http/json"],
  },
];
