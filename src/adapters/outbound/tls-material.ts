/**
 * What TLS needs, in PEM: the authorities to be trusted instead of Node's own, and this client's certificate with its
 * key.
 */
export interface TlsMaterial {
  readonly ca?: Buffer | undefined;
  readonly cert?: Buffer | undefined;
  readonly key?: Buffer | undefined;
}

/** The options of `tls.connect`, which does not take what is there and undefined. */
export function tlsOptions({ ca, cert, key }: TlsMaterial): { ca?: Buffer; cert?: Buffer; key?: Buffer } {
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}

/** TLS options with getters: whoever reads them for each connection gets the files that are valid at that time. */
export function liveTlsOptions(tls: () => TlsMaterial): ReturnType<typeof tlsOptions> {
  const live = {};
  for (const name of ["ca", "cert", "key"] as const) {
    if (tls()[name] === undefined) continue;
    Object.defineProperty(live, name, { enumerable: true, get: () => tls()[name] });
  }
  return live;
}
