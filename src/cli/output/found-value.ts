/** An item as the API's JSON shows it. */
interface JsonItem {
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly scope?: { readonly attributes?: Readonly<Record<string, unknown>> };
  readonly resource?: Readonly<Record<string, unknown>>;
}

/**
 * What an item has where a field of a filter looks; undefined where it has nothing.
 * @param key that of an attribute, where the field is `attributes`
 */
export function foundValue(field: string, key: string | undefined, item: object): unknown {
  if (key !== undefined) {
    const { attributes, scope, resource }: JsonItem = item;
    const holder = [attributes, scope?.attributes, resource].find((each) => each && Object.hasOwn(each, key));
    return holder?.[key];
  }
  const fields = item as Readonly<Record<string, unknown>>;
  switch (field) {
    case "statusCode":
      return (fields.status as { readonly code: unknown } | undefined)?.code;
    case "minDuration":
    case "maxDuration":
      return fields.duration;
    case "since":
    case "until":
      return fields.startTime ?? fields.time ?? fields.observedTime;
    case "minSeverity":
      return fields.severity;
    case "nameContains":
      return fields.name;
    case "bodyContains":
      return fields.body;
    case "value":
      return fields.intValue ?? fields.doubleValue;
    default:
      return fields[field];
  }
}
