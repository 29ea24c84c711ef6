import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { TestContext } from "node:test";

/** A port that passes connections on to another one, which may be named later, changed, or be none. */
export class TcpRelay {
  target: number | undefined;
  /** Connections that it has taken. */
  connections = 0;
  readonly port: number;
  readonly #sockets: Set<Socket>;

  private constructor(port: number, sockets: Set<Socket>) {
    this.port = port;
    this.#sockets = sockets;
  }

  static async open(t: TestContext): Promise<TcpRelay> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => relay.#pass(socket));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const relay = new TcpRelay((server.address() as AddressInfo).port, sockets);
    t.after(() => {
      relay.cut();
      server.close();
    });
    return relay;
  }

  /** Cuts the connections there are. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Passes nothing on over the connections there are, and keeps them open: as a network that drops every packet. */
  hold(): void {
    for (const socket of this.#sockets) socket.unpipe().pause();
  }

  #pass(socket: Socket): void {
    this.connections += 1;
    if (this.target === undefined) {
      socket.destroy();
      return;
    }
    const onward = connect(this.target, "127.0.0.1");
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      this.#sockets.add(one);
      one.on("error", () => {});
      one.on("close", () => {
        this.#sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  }
}
