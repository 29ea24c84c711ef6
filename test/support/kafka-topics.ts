/** The topics that the settings have by default. */
export const kafkaTopics = {
  traces: "otlp_spans",
  logs: "otlp_logs",
  metrics: "otlp_metrics",
  profiles: "otlp_profiles",
} as const;
