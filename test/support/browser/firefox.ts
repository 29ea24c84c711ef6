import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import { onPath } from "./find-browser.ts";

/*
 * Firefox as its maker builds it, driven by WebDriver BiDi (w3c.github.io/webdriver-bidi), which it speaks by itself.
 * Playwright drives a build of its own, and asks this one for what it does not know yet.
 */

const executable = onPath("firefox-esr", "firefox");

/** For the option `skip` of a test: says why, when there is none. */
export const skipWithoutFirefox = executable === undefined && "no Firefox on the PATH";

/** One tab, 1,280 px wide. */
export interface FirefoxTab {
  /** What its console has of errors: those of scripts, and what the Content-Security-Policy forbids. */
  readonly faults: readonly string[];
  go(url: string): Promise<void>;
  /** @returns the value of an expression that is JSON, or what a promise of such comes to */
  evaluate(expression: string): Promise<unknown>;
  /** Waits until an expression is true. */
  until(condition: string): Promise<void>;
  /** Types characters. Keys without one are those of WebDriver, such as `\ue007` for Enter. */
  type(text: string): Promise<void>;
  /** Drags the pointer, over the element of a selector, from one place to another: shares of its width and height. */
  drag(
    selector: string,
    from: readonly [x: number, y: number],
    to: readonly [x: number, y: number],
  ): Promise<void>;
  /** @returns the colours of so many pixels from the left edge of an element on, half way down, as numbers */
  colours(selector: string, count: number): Promise<readonly number[]>;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly level: string; readonly text: string };
  readonly result?: Result;
  readonly error?: string;
  readonly message?: string;
}

/** What is read of results of all commands. */
interface Result {
  readonly context: string;
  /** A picture, in base64. */
  readonly data: string;
  readonly type: "success" | "exception";
  readonly result: { readonly value?: string };
  readonly exceptionDetails: { readonly text: string };
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const preferences = {
  // Nothing of its own is asked of elsewhere.
  "app.normandy.enabled": false,
  "app.update.disabledForTesting": true,
  "datareporting.policy.dataSubmissionEnabled": false,
  "extensions.update.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "services.settings.server": "http://localhost:9/",
  "toolkit.telemetry.server": "",
};

/** Starts Firefox for a test, with which it ends. */
export async function openFirefox(t: TestContext): Promise<FirefoxTab> {
  const profile = mkdtempSync(join(tmpdir(), "obsvty-firefox-"));
  const lines = Object.entries(preferences).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
  );
  writeFileSync(join(profile, "user.js"), lines.join(""));
  const args = ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"];
  const child = spawn(executable ?? "", args, { stdio: ["ignore", "ignore", "pipe"] });
  const ended = once(child, "exit");
  t.after(async () => {
    child.kill("SIGKILL");
    await ended;
    // Its own processes end a little later, and write into it until then.
    rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
  });
  const socket = new WebSocket(`${await addressOf(child.stderr)}/session`);
  await once(socket, "open");
  t.after(() => socket.close());

  const faults: string[] = [];
  const waiting = new Map<number, (answer: Message) => void>();
  socket.addEventListener("message", ({ data }) => {
    const { id, ...message }: Message = JSON.parse(String(data));
    if (id !== undefined) waiting.get(id)?.(message);
    else if (message.params?.level === "error") faults.push(message.params.text);
  });
  let commands = 0;
  async function send(method: string, params: object): Promise<Result> {
    const id = ++commands;
    const answer = new Promise<Message>((resolve) => waiting.set(id, resolve));
    socket.send(JSON.stringify({ id, method, params }));
    const { error, message, result } = await answer;
    assert.ok(result, `${method}: ${error}: ${message}`);
    return result;
  }

  await send("session.new", { capabilities: {} });
  await send("session.subscribe", { events: ["log.entryAdded"] });
  const { context } = await send("browsingContext.create", { type: "tab" });
  await send("browsingContext.setViewport", { context, viewport: { width: 1_280, height: 800 } });

  async function evaluate(expression: string): Promise<unknown> {
    const { type, result, exceptionDetails } = await send("script.evaluate", {
      expression: `(async () => JSON.stringify(await (${expression})) ?? "null")()`,
      target: { context },
      awaitPromise: true,
    });
    assert.equal(type, "success", exceptionDetails?.text);
    return JSON.parse(result.value ?? "");
  }
  const boxOf = (selector: string) =>
    evaluate(`document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect()`) as Promise<Box>;
  const perform = (source: object) => send("input.performActions", { context, actions: [source] });

  return {
    faults,
    evaluate,
    go: async (url) => {
      await send("browsingContext.navigate", { context, url, wait: "complete" });
    },
    until: async (condition) => {
      await evaluate(`new Promise((resolve) => {
        const look = () => (${condition}) ? resolve() : requestAnimationFrame(look);
        look();
      })`);
    },
    type: async (text) => {
      const actions = [...text].flatMap((value) => [
        { type: "keyDown", value },
        { type: "keyUp", value },
      ]);
      await perform({ type: "key", id: "keyboard", actions });
    },
    drag: async (selector, from, to) => {
      const { x, y, width, height } = await boxOf(selector);
      const move = ([right, down]: readonly [number, number]) => ({
        type: "pointerMove",
        x: Math.round(x + right * width),
        y: Math.round(y + down * height),
      });
      const actions = [
        move(from),
        { type: "pointerDown", button: 0 },
        move(to),
        { type: "pointerUp", button: 0 },
      ];
      await perform({ type: "pointer", id: "mouse", actions });
    },
    colours: async (selector, count) => {
      const { x, y, height } = await boxOf(selector);
      const clip = { type: "box", x, y: Math.round(y + height / 2), width: count, height: 1 };
      const { data } = await send("browsingContext.captureScreenshot", { context, clip });
      // The page has what reads a picture.
      const found = await evaluate(`(async () => {
        const bytes = Uint8Array.from(atob("${data}"), (byte) => byte.charCodeAt(0));
        const picture = await createImageBitmap(new Blob([bytes]));
        const pen = new OffscreenCanvas(${count}, 1).getContext("2d");
        pen.drawImage(picture, 0, 0);
        return [...new Uint32Array(pen.getImageData(0, 0, ${count}, 1).data.buffer)];
      })()`);
      return found as readonly number[];
    },
  };
}

/** Where it waits for a driver, which it says by stderr. */
async function addressOf(stderr: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: stderr })) {
    const address = /listening on (ws:\S+)/.exec(line)?.[1];
    if (address !== undefined) return address;
  }
  return assert.fail("Firefox ended before it waited for a driver");
}
