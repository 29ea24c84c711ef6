/**
 * Settles as the promise does, or rejects with the reason of the abort when that comes first. Nothing stays at the
 * signal: `Promise.race` with one promise of the abort would keep a reaction of each call for as long as that lives.
 */
export function orAbort<T>(promise: Promise<T>, abort: AbortSignal): Promise<T> {
  const { promise: first, resolve, reject } = Promise.withResolvers<T>();
  // It does not reject at once: a promise that has settled by now counts.
  const giveUp = () => setImmediate(reject, abort.reason);
  if (abort.aborted) giveUp();
  abort.addEventListener("abort", giveUp);
  promise.then(resolve, reject).finally(() => abort.removeEventListener("abort", giveUp));
  return first;
}
