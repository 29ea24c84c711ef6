import type { TestContext } from "node:test";
import { KafkaSink } from "../../src/adapters/outbound/kafka-sink/kafka-sink.ts";
import { FakeKafka, type ProduceAnswer } from "../support/fake-kafka.ts";
import { kafkaTopics } from "../support/kafka-topics.ts";
import { describeTelemetrySink, type OutsideName } from "./telemetry-sink.contract.ts";

const messageTooLarge = 10;
const answers: Readonly<Partial<Record<OutsideName, ProduceAnswer>>> = {
  refuses: messageTooLarge,
  stalls: "stalls",
};

for (const compression of ["none", "gzip", "snappy", "lz4", "zstd"] as const) {
  describeTelemetrySink(`the Kafka sink with compression ${compression}`, {
    make: async (t: TestContext) => {
      const kafka = await new FakeKafka(t).start();
      const sink = new KafkaSink({
        brokers: [kafka.broker],
        topics: kafkaTopics,
        compression,
        maxBytes: 2 ** 20,
        tls: undefined,
        sasl: undefined,
      });
      t.after(() => sink.close());
      return {
        sink,
        behave: async (outside) => {
          kafka.onProduce = () => answers[outside] ?? "appends";
          await kafka.stop();
          if (outside !== "is down") await kafka.start();
        },
        taken: (signal) => kafka.values(kafkaTopics[signal]),
      };
    },
    // Kafka takes a message or does not.
    can: ["takes all", "is down", "refuses", "stalls"],
  });
}
