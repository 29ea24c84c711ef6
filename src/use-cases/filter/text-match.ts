import type { Attributes, LogRecord, MetricPoint, Span } from "../../domain/telemetry.ts";
import { attributeText, type WithAttributes } from "./attribute-match.ts";

/** Folding the case of more text of one item would hold up the event loop: folding this much takes up to some 15 ms. */
const maxCharacters = 2 ** 18;

/** Whether a text occurs in another one, whatever the case of either. */
export function containsText(text: string, wanted: string): boolean {
  return foldCase(text.slice(0, maxCharacters)).includes(foldCase(wanted));
}

/**
 * Upper case makes the same of a character wherever it stands, so that a text contains all its parts. Lower case does
 * not: a Greek sigma at the end of a word has a form of its own.
 */
export function foldCase(text: string): string {
  return text.toUpperCase();
}

/** Where `text_contains` looks, beside what items of every kind have. */
export interface TextPlaces {
  readonly texts: readonly string[];
  readonly attributes: readonly Attributes[];
}

export function spanTexts({ name, status, attributes, events, links }: Span): TextPlaces {
  return {
    texts: [name, status.message, ...events.map((event) => event.name)],
    attributes: [
      attributes,
      ...events.map((event) => event.attributes),
      ...links.map((link) => link.attributes),
    ],
  };
}

export function logTexts({ body, eventName, severityText, attributes }: LogRecord): TextPlaces {
  const texts = [eventName, severityText];
  return { texts: body === undefined ? texts : [attributeText(body), ...texts], attributes: [attributes] };
}

export function metricTexts({ name, description, unit, attributes, metadata }: MetricPoint): TextPlaces {
  return { texts: [name, description, unit], attributes: [attributes, metadata] };
}

/** Whether a text occurs in one of the names, texts, attribute keys and attribute values of an item, whatever its case. */
export function itemContainsText(
  {
    scope,
    resource,
  }: Pick<WithAttributes, "resource"> & {
    readonly scope: { readonly name: string; readonly attributes: Attributes };
  },
  { texts, attributes }: TextPlaces,
  wanted: string,
): boolean {
  const folded = foldCase(wanted);
  let charactersLeft = maxCharacters;
  const occursIn = (text: string): boolean => {
    const looked = text.slice(0, charactersLeft);
    charactersLeft -= looked.length;
    return foldCase(looked).includes(folded);
  };
  return (
    texts.some(occursIn) ||
    [...attributes, scope.attributes, resource].some((each) =>
      Object.entries(each).some(([key, value]) => occursIn(key) || occursIn(attributeText(value))),
    ) ||
    occursIn(scope.name)
  );
}
