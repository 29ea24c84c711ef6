import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import type { LogRecordJson, SpanJson } from "../../../../../gen/obsvty/v1/query_pb.ts";
import { readableValue, valueText } from "../../../format/value.ts";
import { hasConversation } from "./has-conversation.ts";

/*
 * What a program said to a language model and what that answered, as OpenTelemetry's semantic conventions for generative
 * AI have it: as attributes of the span or of an event (`gen_ai.input.messages` and so on), as one event or log record for
 * each message (as it was up to 2025), or as numbered attributes, which some instrumentations write.
 */

export interface Part {
  readonly kind: "text" | "call" | "result" | "other";
  /** Of a tool, with the id of its call; else what kind of part it is. "" for a text. */
  readonly title: string;
  readonly text: string;
}

export interface Message {
  readonly role: string;
  readonly parts: readonly Part[];
}

export interface Conversation {
  readonly model: string;
  readonly provider: string;
  readonly inputTokens: string;
  readonly outputTokens: string;
  readonly finishReasons: string;
  readonly messages: readonly Message[];
}

/** @returns undefined for a span that has nothing to do with a language model */
export function conversationOf(span: SpanJson, logs: readonly LogRecordJson[]): Conversation | undefined {
  const attributes = span.attributes ?? {};
  const said = [
    attributes,
    ...(span.events ?? []).map((event) => event.attributes ?? {}),
    ...logs.map((record) => record.attributes ?? {}),
  ];
  if (!hasConversation(span, logs)) return undefined;
  const first = (...keys: string[]) => {
    for (const key of keys) if (attributes[key] !== undefined) return valueText(attributes[key]);
    return "";
  };
  const events = [
    ...(span.events ?? []).map(({ name = "", attributes: fields = {} }) => ({ name, fields })),
    ...logs.map(({ eventName = "", body, attributes: of }) => ({
      name: eventName || valueText(of?.["event.name"]),
      fields: isObject(body) ? body : {},
    })),
  ];
  const finishes = [
    ...said.flatMap((of) => listOf(of["gen_ai.output.messages"]).flatMap(finishOf)),
    ...events.flatMap(({ name, fields }) => (name === "gen_ai.choice" ? finishOf(fields) : [])),
  ];
  return {
    model: first("gen_ai.response.model", "gen_ai.request.model"),
    provider: first("gen_ai.provider.name", "gen_ai.system"),
    inputTokens: first("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"),
    outputTokens: first("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"),
    finishReasons: first("gen_ai.response.finish_reasons").replace(/[[\]"]/g, "") || finishes.join(", "),
    messages: [
      ...said.flatMap(messagesOfAttributes),
      ...events.flatMap(({ name, fields }) => messageOfEvent(name, fields)),
      ...numberedMessages(attributes),
    ],
  };
}

/** Why the model ended an answer, as this itself tells. */
function finishOf(answer: JsonValue): string[] {
  const reason = isObject(answer) ? valueText(answer.finish_reason ?? undefined) : "";
  return reason === "" ? [] : [reason];
}

function messagesOfAttributes(attributes: JsonObject): Message[] {
  const instructions = listOf(attributes["gen_ai.system_instructions"]);
  return [
    ...(instructions.length === 0 ? [] : [{ role: "system", parts: instructions.map(partOf) }]),
    ...listOf(attributes["gen_ai.input.messages"]).map((message) => messageOf(message, "user")),
    ...listOf(attributes["gen_ai.output.messages"]).map((message) => messageOf(message, "assistant")),
  ];
}

/** Such as `gen_ai.user.message` with a `content`, and `gen_ai.choice` with a `message`. */
function messageOfEvent(name: string, fields: JsonObject): Message[] {
  if (name === "gen_ai.choice") return [messageOf(fields.message ?? fields, "assistant")];
  const role = /^gen_ai\.(\w+)\.message$/.exec(name)?.[1];
  return role === undefined ? [] : [messageOf(fields, role)];
}

/** `gen_ai.prompt.0.role`, `gen_ai.prompt.0.content`, `gen_ai.completion.0.content`. */
function numberedMessages(attributes: JsonObject): Message[] {
  return ["prompt", "completion"].flatMap((which) => {
    const messages: Message[] = [];
    for (let index = 0; ; index++) {
      const content = attributes[`gen_ai.${which}.${index}.content`];
      const role = attributes[`gen_ai.${which}.${index}.role`];
      if (content === undefined && role === undefined) return messages;
      const usual = which === "prompt" ? "user" : "assistant";
      messages.push({
        role: valueText(role) || usual,
        parts: content === undefined ? [] : [textPart(content)],
      });
    }
  });
}

function messageOf(message: JsonValue, role: string): Message {
  if (!isObject(message)) return { role, parts: [textPart(message)] };
  const parts = Array.isArray(message.parts) ? message.parts.map(partOf) : [];
  const content = message.content ?? undefined;
  const contents = Array.isArray(content)
    ? content.map(partOf)
    : content === undefined
      ? []
      : [textPart(content)];
  const calls = Array.isArray(message.tool_calls) ? message.tool_calls.map(callOf) : [];
  return { role: valueText(message.role ?? undefined) || role, parts: [...parts, ...contents, ...calls] };
}

function partOf(part: JsonValue): Part {
  if (!isObject(part)) return textPart(part);
  const type = valueText(part.type ?? undefined);
  if (type === "tool_call") return callOf(part);
  if (type === "tool_call_response") {
    return {
      kind: "result",
      title: valueText(part.id ?? undefined),
      text: readableValue(part.response ?? part.result),
    };
  }
  const text = part.content ?? part.text;
  if ((type === "text" || type === "") && typeof text === "string") return textPart(text);
  return { kind: "other", title: type, text: typeof text === "string" ? text : readableValue(part) };
}

function callOf(call: JsonValue): Part {
  if (!isObject(call)) return { kind: "call", title: "", text: readableValue(call) };
  // The older form has name and arguments within a `function`.
  const of = isObject(call.function) ? call.function : call;
  const title = [of.name, call.id].map((text) => valueText(text ?? undefined)).filter((text) => text !== "");
  return { kind: "call", title: title.join(" "), text: readableValue(of.arguments) };
}

function textPart(content: JsonValue): Part {
  return { kind: "text", title: "", text: typeof content === "string" ? content : readableValue(content) };
}

/** A list as it is, or as JSON in a text; anything else that is there is a list of one. */
function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  if (typeof value !== "string") return [value];
  try {
    const parsed: JsonValue = JSON.parse(value);
    return Array.isArray(parsed) ? parsed : [parsed];
  } catch {
    return [value];
  }
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
