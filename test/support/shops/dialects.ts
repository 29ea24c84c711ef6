/** In what the telemetry of a shop differs from that of the other languages. */
export interface Dialect {
  /** `telemetry.sdk.language` of its resource. */
  readonly language: string;
  /** The flags of its spans: 0x100 says that it is known whether a parent is remote, 1 that the trace is sampled, 2 that its id is random. */
  readonly spanFlags: number;
  readonly logFlags: number;
  /** Attributes of the event of the exception. */
  readonly exception: Readonly<Record<string, string>>;
  /** Its log records come by a logging library, which knows no version of the scope. */
  readonly logsHaveNoVersion?: boolean;
  /** Its log records say when they were observed alone. */
  readonly logsHaveNoTime?: boolean;
  readonly eventName?: string;
  /** Its data points name the spans in which they were recorded. */
  readonly exemplars?: boolean;
  readonly resourceDetails?: object;
}

/** Stands for a text that is not the same each time. */
export const some = "some text";

const javaSchema = "https://opentelemetry.io/schemas/1.40.0";

/** By the folders of `examples/`. */
export const dialects: Readonly<Record<string, Dialect>> = {
  python: {
    language: "python",
    spanFlags: 0x100,
    logFlags: 3,
    exception: {
      "exception.type": "__main__.CardDeclined",
      "exception.stacktrace": some,
      "exception.escaped": "False",
    },
    logsHaveNoVersion: true,
    exemplars: true,
  },
  go: {
    language: "go",
    spanFlags: 0x101,
    logFlags: 1,
    exception: { "exception.type": "*errors.errorString", "exception.stacktrace": some },
    exemplars: true,
    resourceDetails: { schemaUrl: "https://opentelemetry.io/schemas/1.43.0", entityRefs: [] },
  },
  node: {
    language: "nodejs",
    spanFlags: 0x101,
    logFlags: 1,
    exception: { "exception.type": "Error", "exception.stacktrace": some },
  },
  java: {
    language: "java",
    spanFlags: 0x103,
    logFlags: 3,
    exception: { "exception.type": "shop.Shop.CardDeclined", "exception.stacktrace": some },
    logsHaveNoTime: true,
    exemplars: true,
    resourceDetails: {
      schemaUrl: javaSchema,
      entityRefs: [
        {
          schemaUrl: javaSchema,
          type: "service.instance",
          idKeys: ["service.instance.id"],
          descriptionKeys: [],
        },
        { schemaUrl: javaSchema, type: "service", idKeys: ["service.name"], descriptionKeys: [] },
      ],
    },
  },
  rust: {
    language: "rust",
    spanFlags: 0x101,
    logFlags: 1,
    exception: {},
    logsHaveNoVersion: true,
    logsHaveNoTime: true,
    eventName: some,
  },
};
