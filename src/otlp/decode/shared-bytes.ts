/**
 * Reads the same bytes once. Items of one request share their resource, scope and metric, and a store
 * may hand out one copy for all of them: what was read from it is kept as long as the copy is.
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
