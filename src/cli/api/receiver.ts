/** A server of this process alone, whose API is called as that of any other. */
export interface Receiver {
  /** The base URL for exporters of every protocol, and of the API. */
  readonly endpoint: string;
  /** Calls that are being answered now, those of the command line among them. */
  callsInFlight(): number;
  close(): Promise<void>;
}

/** Starts a receiver in this process, on a free port of loopback. */
export type StartReceiver = () => Promise<Receiver>;
