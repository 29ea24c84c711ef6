import assert from "node:assert/strict";
import { test } from "node:test";
import { conversationOf } from "../../../../../../src/web/views/trace/conversation/conversation.ts";

const text = (content: string) => ({ kind: "text", title: "", text: content });

const messages = [
  { role: "user", parts: [{ type: "text", content: "Weather in Paris?" }] },
  {
    role: "assistant",
    parts: [{ type: "tool_call", id: "call_1", name: "weather", arguments: { city: "Paris" } }],
  },
  { role: "tool", parts: [{ type: "tool_call_response", id: "call_1", response: "rainy, 57 °F" }] },
];
const answer = [
  { role: "assistant", parts: [{ type: "text", content: "It rains." }], finish_reason: "stop" },
];
const wanted = [
  { role: "user", parts: [text("Weather in Paris?")] },
  { role: "assistant", parts: [{ kind: "call", title: "weather call_1", text: '{\n  "city": "Paris"\n}' }] },
  { role: "tool", parts: [{ kind: "result", title: "call_1", text: "rainy, 57 °F" }] },
  { role: "assistant", parts: [text("It rains.")] },
];

test("messages in attributes are a conversation, as JSON in a text and as lists", () => {
  for (const write of [JSON.stringify, (value: unknown) => value]) {
    const attributes = {
      "gen_ai.request.model": "small-1",
      "gen_ai.response.model": "small-1-2026",
      "gen_ai.provider.name": "example",
      "gen_ai.usage.input_tokens": "12",
      "gen_ai.usage.output_tokens": "3",
      "gen_ai.response.finish_reasons": ["stop"],
      "gen_ai.input.messages": write(messages) as string,
      "gen_ai.output.messages": write(answer) as string,
    };
    assert.deepEqual(conversationOf({ attributes }, []), {
      model: "small-1-2026",
      provider: "example",
      inputTokens: "12",
      outputTokens: "3",
      finishReasons: "stop",
      messages: wanted,
    });
  }
});

test("messages in an event of the span, or in a log record, are a conversation too", () => {
  const attributes = { "gen_ai.input.messages": messages, "gen_ai.output.messages": answer };
  assert.deepEqual(conversationOf({ events: [{ name: "x", attributes }] }, [])?.messages, wanted);
  assert.deepEqual(conversationOf({}, [{ attributes }])?.messages, wanted);
});

test("why an answer ended is read from its message where the span does not tell", () => {
  const attributes = { "gen_ai.output.messages": JSON.stringify(answer) };
  assert.equal(conversationOf({ attributes }, [])?.finishReasons, "stop");
  const choice = { "gen_ai.system": "example", finish_reason: "length", message: { content: "It" } };
  const events = [{ name: "gen_ai.choice", attributes: choice }];
  assert.equal(conversationOf({ events }, [])?.finishReasons, "length");
});

test("instructions stand before what the person says", () => {
  const attributes = {
    "gen_ai.system_instructions": [{ type: "text", content: "Be short." }],
    "gen_ai.input.messages": [{ role: "user", parts: [{ type: "text", content: "Hi" }] }],
  };
  assert.deepEqual(conversationOf({ attributes }, [])?.messages, [
    { role: "system", parts: [text("Be short.")] },
    { role: "user", parts: [text("Hi")] },
  ]);
});

test("an event for each message, as it was before, is a conversation", () => {
  const attributes = { "gen_ai.system": "example" };
  const call = { id: "c", type: "function", function: { name: "f", arguments: "{}" } };
  const logs = [
    { eventName: "gen_ai.user.message", body: { content: "Hi" }, attributes },
    {
      body: { message: { role: "assistant", tool_calls: [call] } },
      attributes: { "event.name": "gen_ai.choice" },
    },
  ];
  assert.deepEqual(conversationOf({ attributes }, logs)?.messages, [
    { role: "user", parts: [text("Hi")] },
    { role: "assistant", parts: [{ kind: "call", title: "f c", text: "{}" }] },
  ]);
});

test("numbered attributes are a conversation", () => {
  const attributes = {
    "gen_ai.prompt.0.role": "system",
    "gen_ai.prompt.0.content": "Be short.",
    "gen_ai.prompt.1.content": "Hi",
    "gen_ai.completion.0.content": "Hello",
  };
  assert.deepEqual(
    conversationOf({ attributes }, [])?.messages.map(({ role, parts }) => [role, parts[0]?.text]),
    [
      ["system", "Be short."],
      ["user", "Hi"],
      ["assistant", "Hello"],
    ],
  );
});

test("what is no message is shown as it is, and a span of something else is no conversation", () => {
  for (const odd of ["{not json", "null", "7", '[[1],null,{"parts":7}]', '{"role":{"a":1}}']) {
    assert.ok(conversationOf({ attributes: { "gen_ai.input.messages": odd } }, []));
  }
  assert.equal(conversationOf({ attributes: { "http.route": "/" } }, []), undefined);
});
