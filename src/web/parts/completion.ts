import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { AttributeKeyJson, ListAttributesRequestJson } from "../../../gen/obsvty/v1/query_pb.ts";
import { call } from "../api/call.ts";
import type { Draft, Known } from "../state/filter-draft.ts";
import { attributePrefix, type Kind } from "../state/filter-fields.ts";

const nothing: Known = { services: [], names: [], attributes: [] };

/** Typing asks the server only when the hand rests. */
const restMs = 120;

/** Names are counted over all spans that are held, so that they are asked for when they are likely to be meant. */
const leastNameLetters = 3;

/** What the server holds that fits what is typed. It is asked while the completion is open, not again and again. */
export function useCompletion(kind: Kind, { field, text }: Draft, open: boolean): Known {
  const known = useSignal(nothing);
  const { param = "" } = field ?? {};
  useEffect(() => {
    if (!open) return undefined;
    const own = new AbortController();
    const timer = setTimeout(async () => {
      const [services, names, attributes] = await Promise.all([
        param === "" || param === "service" ? servicesOf(kind, own.signal) : [],
        kind === "spans" && (param === "name" || (param === "" && text.length >= leastNameLetters))
          ? namesWith(text, own.signal)
          : [],
        param === "" || param.startsWith(attributePrefix) ? attributesOf(kind, param, text, own.signal) : [],
      ]);
      if (!own.signal.aborted) known.value = { services, names, attributes };
    }, restMs);
    return () => {
      clearTimeout(timer);
      own.abort();
    };
  }, [kind, param, text, open]);
  return known.value;
}

/** Completion is a help: without an answer there is none, and the list itself tells what is wrong. */
async function orNone<Answer>(ask: Promise<readonly Answer[]>): Promise<readonly Answer[]> {
  try {
    return await ask;
  } catch {
    return [];
  }
}

function servicesOf(kind: Kind, abort: AbortSignal): Promise<readonly string[]> {
  return orNone(
    call("ListServices", {}, abort).then(({ services = [] }) =>
      services.filter((service) => service[kind] !== "0").map(({ name = "" }) => name),
    ),
  );
}

function namesWith(text: string, abort: AbortSignal): Promise<readonly string[]> {
  const filter = text === "" ? {} : { nameContains: text.slice(0, 256) };
  return orNone(
    call("SummarizeSpans", { filter, groupBy: ["name"], limit: 20 }, abort).then(({ groups = [] }) =>
      groups.map(({ group = {} }) => group.name ?? ""),
    ),
  );
}

function attributesOf(
  kind: Kind,
  param: string,
  text: string,
  abort: AbortSignal,
): Promise<readonly { key: string; values: readonly string[] }[]> {
  const key = param.slice(attributePrefix.length);
  const request: ListAttributesRequestJson = {
    [kind]: {},
    ...(param === "" ? { prefix: text, limit: 100, values: 1 } : { prefix: key, limit: 20, values: 100 }),
  };
  return orNone(
    call("ListAttributes", request, abort).then(({ attributes = [] }) => attributes.map(keyAndValues)),
  );
}

function keyAndValues({ key = "", values = [] }: AttributeKeyJson) {
  return { key, values: values.map(({ value = "" }) => value) };
}
