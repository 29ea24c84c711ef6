/**
 * Wraps `read` so that it runs once for each array. Items of one request share their resource, scope and
 * metric, and a store may return the same array for all of them. The cache keeps a value as long as its array
 * lives.
 */
export function onceForSameBytes<Value extends object>(
  read: (bytes: Uint8Array) => Value,
): (bytes: Uint8Array) => Value {
  const values = new WeakMap<Uint8Array, Value>();
  return (bytes) => {
    let value = values.get(bytes);
    if (value === undefined) {
      value = read(bytes);
      values.set(bytes, value);
    }
    return value;
  };
}
