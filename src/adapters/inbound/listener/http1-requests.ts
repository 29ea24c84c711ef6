import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { CallTurns } from "./call-turns.ts";
import type { Connection, Requests } from "./connection.ts";
import { Http1Input, type RequestStates } from "./http1-input.ts";
import type { OpenCalls } from "./open-calls.ts";
import type { PipeliningGuard } from "./pipelining-guard.ts";
import { beginsWithUpgradeOffer, dropsWhatFollows } from "./upgrade-offer.ts";

/** What the requests of all HTTP/1.1 connections share. */
export interface Http1Resources {
  readonly turns: CallTurns;
  readonly openCalls: OpenCalls;
  readonly guard: PipeliningGuard;
  /** Gets the requests of each connection one at a time. */
  readonly handOn: (connection: Connection, request: IncomingMessage, response: ServerResponse) => void;
  /** It is told of a connection that is closed because too many requests wait. */
  readonly onRefused: (connection: Connection) => void;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/**
 * Hands on the requests of one HTTP/1.1 connection one at a time: one that is pipelined waits until the one before is
 * answered, and others have had their turn. Node's parser reads past the socket, which is fast, and executes all
 * requests of 64 KiB at once. So from the first pipelined request on, `Http1Input` gives it the bytes; and from the
 * beginning on, when the first bytes offer an upgrade.
 */
export class Http1Requests implements Requests, RequestStates {
  readonly #connection: Connection;
  readonly #socket: Socket;
  readonly #resources: Http1Resources;
  readonly #waiting: Exchange[] = [];
  #input: Http1Input | undefined;
  #isTakingOver = false;
  /** A request has been handed on and is not answered. */
  #isOpen = false;
  #hasEnded = false;
  #fail: (() => void) | undefined;

  /**
   * @param socket which Node's HTTP/1.1 server has just got
   * @param head the first bytes of the socket
   */
  constructor(connection: Connection, socket: Socket, head: Buffer, resources: Http1Resources) {
    this.#connection = connection;
    this.#socket = socket;
    this.#resources = resources;
    socket.on("end", this.#onEnd);
    socket.on("close", this.#onClose);
    if (resources.guard.opened(this) || beginsWithUpgradeOffer(head)) {
      this.#isTakingOver = true;
      this.#createInput();
    }
  }

  newest: IncomingMessage | undefined;

  get isBusy(): boolean {
    return this.#isOpen || this.#waiting.length > 0;
  }

  add(request: IncomingMessage, response: ServerResponse): void {
    if (this.#socket.destroyed) return;
    this.newest = request;
    this.#input?.begin(request);
    // The caller has to send again what was dropped.
    if (dropsWhatFollows(request, this.#input !== undefined)) response.shouldKeepAlive = false;
    if (!this.isBusy) {
      this.#handOn({ request, response });
      return;
    }
    this.#wait({ request, response });
    // When the parser has executed what it has.
    if (!this.#isTakingOver) process.nextTick(() => this.takeOver());
  }

  /** Has the bytes of the connection come by its socket from now on. Not to be called while the parser executes. */
  takeOver(): void {
    if (this.#isTakingOver) return;
    this.#isTakingOver = true;
    // The parser resumes a paused socket in its own way.
    if (this.#socket.isPaused()) this.#socket.once("resume", this.#createInput);
    else this.#createInput();
  }

  readonly #createInput = (): void => {
    // Behind what is no request, the parser has gone or takes nothing more.
    if (this.#socket.destroyed || this.#fail !== undefined) return;
    this.#input = new Http1Input(this.#socket, this, this.#resources.turns);
  };

  closed(): void {
    this.#isOpen = false;
    if (this.#waiting.length > 0) {
      this.#handOnLater();
    } else if (this.#fail !== undefined) {
      // Otherwise Node closes the connection when the last answer has been written.
      if (this.#socket.writable) this.#fail();
    } else {
      this.#input?.goOn();
    }
  }

  failLater(fail: () => void): boolean {
    if (this.#fail === undefined && this.newest?.complete === false) {
      // The newest request itself is broken. If it waits, the error takes its place; otherwise no answer is due before.
      if (this.#waiting.length === 0) return false;
      this.#stopWaiting(this.#waiting.pop());
    }
    if (!this.isBusy) return false;
    this.#fail ??= fail;
    this.#socket.pause();
    return true;
  }

  #handOn({ request, response }: Exchange): void {
    this.#isOpen = true;
    this.#resources.handOn(this.#connection, request, response);
  }

  #wait(exchange: Exchange): void {
    const { openCalls, guard, onRefused } = this.#resources;
    if (!openCalls.wait(this.#connection.client, exchange.response)) {
      onRefused(this.#connection);
      this.#connection.ending.close();
      return;
    }
    this.#waiting.push(exchange);
    guard.waits();
  }

  #handOnLater(): void {
    this.#resources.turns.later(() => {
      const next = this.#takeWaiting();
      if (next === undefined) return;
      this.#handOn(next);
      if (this.#hasEnded) this.#end();
    });
  }

  #takeWaiting(): Exchange | undefined {
    return this.#stopWaiting(this.#waiting.shift());
  }

  #stopWaiting(exchange: Exchange | undefined): Exchange | undefined {
    if (exchange === undefined) return undefined;
    this.#resources.openCalls.close(this.#connection.client, exchange.response);
    this.#resources.guard.waitsNoMore();
    return exchange;
  }

  readonly #onClose = (): void => {
    while (this.#takeWaiting() !== undefined);
    this.#resources.guard.closed(this);
  };

  readonly #onEnd = (): void => {
    this.#hasEnded = true;
    this.#end();
  };

  /**
   * Closes the connection when its caller has left, or has ended its side behind its last request. That one has a turn
   * to be answered in.
   */
  #end(): void {
    if (this.#waiting.length === 0) setImmediate(() => this.#socket.end());
  }
}
