/** How to send from a language: lines to copy. */
export interface Sender {
  readonly language: string;
  readonly lines: string;
}

/** @param origin of the server, such as `http://localhost:4317` */
export function senders(origin: string): readonly Sender[] {
  const any = [
    `export OTEL_EXPORTER_OTLP_ENDPOINT=${origin}`,
    "export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
  ];
  const span = {
    resourceSpans: [
      {
        resource: { attributes: [{ key: "service.name", value: { stringValue: "curl" } }] },
        scopeSpans: [
          {
            spans: [
              {
                traceId: "5b8efff798038103d269b633813fc60c",
                spanId: "eee19b7ec3c1b174",
                name: "hello",
                kind: 1,
                startTimeUnixNano: "NOW",
                endTimeUnixNano: "NOW",
              },
            ],
          },
        ],
      },
    ],
  };
  const body = JSON.stringify(span).replaceAll('"NOW"', `"'$(date +%s)'000000000"`);
  return [
    {
      language: "Node.js",
      lines: [
        "npm install @opentelemetry/api @opentelemetry/auto-instrumentations-node",
        ...any,
        "export OTEL_SERVICE_NAME=shop OTEL_LOGS_EXPORTER=otlp OTEL_METRICS_EXPORTER=otlp",
        "node --require @opentelemetry/auto-instrumentations-node/register app.js",
      ].join("\n"),
    },
    {
      language: "Python",
      lines: [
        "pip install opentelemetry-distro opentelemetry-exporter-otlp && opentelemetry-bootstrap -a install",
        ...any,
        "export OTEL_SERVICE_NAME=shop",
        "opentelemetry-instrument python app.py",
      ].join("\n"),
    },
    {
      language: "Java",
      lines: [
        "curl -LO https://github.com/open-telemetry/opentelemetry-java-instrumentation/releases/latest/download/opentelemetry-javaagent.jar",
        ...any,
        "export OTEL_SERVICE_NAME=shop",
        "java -javaagent:opentelemetry-javaagent.jar -jar app.jar",
      ].join("\n"),
    },
    {
      language: "Go",
      lines: [
        "go get go.opentelemetry.io/otel/sdk go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp",
        ...any,
        "export OTEL_SERVICE_NAME=shop",
        "go run .",
      ].join("\n"),
    },
    {
      language: ".NET, Rust, PHP, Ruby and others",
      lines: [...any, "export OTEL_SERVICE_NAME=shop"].join("\n"),
    },
    {
      language: "curl",
      lines: `curl ${origin}/v1/traces -H 'content-type: application/json' -d '${body}'`,
    },
  ];
}
