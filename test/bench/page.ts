import { randomUUID } from "node:crypto";
import { parseArgs } from "node:util";
import { type Browser, type CDPSession, chromium, type Page } from "playwright-core";
import { browser as executable } from "../support/browser/find-browser.ts";
import { median } from "./measure.ts";
import { cpuMicros, pinSelf } from "./proc.ts";
import { describeMachine, writeResult } from "./results.ts";
import { formatTable } from "./table.ts";
import { buildObsvty, type ObsvtyTarget, startObsvty } from "./target.ts";

/*
 * What the page costs: to load, to show what is held, and while spans arrive. In Chromium, on the core that the server
 * does not have; each figure beside what was wanted.
 */

const { values } = parseArgs({
  options: {
    /** Of the tab that is left open under load. */
    minutes: { type: "string", default: "30" },
    loads: { type: "string", default: "7" },
    out: { type: "string", default: "page-latest" },
  },
});

interface Figure {
  readonly what: string;
  readonly is: number;
  readonly atMost: number;
  readonly unit: string;
}

const spansPerSecond = 1_000;
const spansOfTrace = 5;

/** OTLP/JSON of so many traces that end now. */
function traces(count: number, spansEach: number): string {
  const end = BigInt(Date.now()) * 1_000_000n;
  const hex = (digits: number) =>
    Array.from({ length: digits }, () => Math.floor(Math.random() * 16).toString(16)).join("");
  const spans = Array.from({ length: count }, (_, index) => {
    const traceId = hex(32);
    const root = hex(16);
    return Array.from({ length: spansEach }, (_, i) => ({
      traceId,
      spanId: i === 0 ? root : hex(16),
      parentSpanId: i === 0 ? "" : root,
      name: i === 0 ? "GET /cart" : `SELECT ${i}`,
      startTimeUnixNano: String(end - BigInt(1_000_000 * (10 + (index % 90) - i))),
      endTimeUnixNano: String(end),
      attributes: [{ key: "http.route", value: { stringValue: "/cart" } }],
    }));
  }).flat();
  const resource = { attributes: [{ key: "service.name", value: { stringValue: "shop" } }] };
  return JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] });
}

/** Gives the traces in such a request, of so many spans each, new ids. */
function renewTraces(request: Buffer, spansEach: number): void {
  const mark = '"traceId":"';
  let traceId = "";
  let span = 0;
  for (let at = request.indexOf(mark); at >= 0; at = request.indexOf(mark, at + mark.length)) {
    if (span++ % spansEach === 0) traceId = randomUUID().replaceAll("-", "");
    request.write(traceId, at + mark.length, "latin1");
  }
}

async function send({ port }: ObsvtyTarget, body: string | Buffer<ArrayBuffer>): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  if (!response.ok)
    throw new Error(`an export was answered with ${response.status}: ${await response.text()}`);
}

/** Sends spans at a constant rate until it is disposed of. */
function startArrivals(server: ObsvtyTarget): Disposable {
  const each = spansPerSecond / 10 / spansOfTrace;
  const timer = setInterval(() => void send(server, traces(each, spansOfTrace)), 100);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface Tab extends AsyncDisposable {
  readonly page: Page;
  readonly devtools: CDPSession;
}

async function openTab(browser: Browser, server: ObsvtyTarget, hash: string): Promise<Tab> {
  const context = await browser.newContext({ viewport: { width: 1_280, height: 800 } });
  const page = await context.newPage();
  // Told by the page itself: when the first row is in the document, in milliseconds since the navigation.
  await page.addInitScript(`
    new MutationObserver((_, observer) => {
      if (document.querySelector(".row.item") === null) return;
      globalThis.rowsAfterMs = performance.now();
      observer.disconnect();
    }).observe(document, { childList: true, subtree: true });
  `);
  const devtools = await context.newCDPSession(page);
  await devtools.send("Performance.enable");
  await devtools.send("Network.enable");
  await page.goto(`http://127.0.0.1:${server.port}/${hash}`);
  return { page, devtools, [Symbol.asyncDispose]: () => context.close() };
}

async function metric({ devtools }: Tab, wanted: string): Promise<number> {
  const { metrics } = await devtools.send("Performance.getMetrics");
  return metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN;
}

async function usedHeap(tab: Tab): Promise<number> {
  await tab.devtools.send("HeapProfiler.collectGarbage");
  return (await metric(tab, "JSHeapUsedSize")) / 1e6;
}

/** Bytes of the page's files until rows are on screen, and how long that takes. */
async function measureLoads(browser: Browser, server: ObsvtyTarget): Promise<Figure[]> {
  const rows: number[] = [];
  let kilobytes = 0;
  for (let load = 0; load < Number(values.loads); load++) {
    await using tab = await openTab(browser, server, "#/traces");
    await tab.page.locator(".row.item").first().waitFor();
    rows.push(Number(await tab.page.evaluate("globalThis.rowsAfterMs")));
    kilobytes = Number(
      await tab.page.evaluate(`[
        performance.getEntriesByType("navigation")[0],
        ...performance.getEntriesByType("resource").filter(({ name }) => name.includes("/assets/")),
      ].reduce((bytes, { encodedBodySize }) => bytes + encodedBodySize, 0) / 1024`),
    );
  }
  return [
    { what: "first load, compressed", is: kilobytes, atMost: 80, unit: "KiB" },
    { what: "rows on screen with 10,000 traces held", is: median(rows), atMost: 500, unit: "ms" },
  ];
}

async function measureArrivals(browser: Browser, server: ObsvtyTarget): Promise<Figure[]> {
  using _ = startArrivals(server);
  await using tab = await openTab(browser, server, "#/traces");
  await tab.page.locator(".row.item").first().waitFor();
  const heapBefore = await usedHeap(tab);
  const [busyBefore, began] = [await metric(tab, "TaskDuration"), performance.now()];
  await wait(20_000);
  const busy = ((await metric(tab, "TaskDuration")) - busyBefore) / ((performance.now() - began) / 1_000);
  await wait(Math.max(0, Number(values.minutes) * 60_000 - 20_000));
  const heap = await usedHeap(tab);
  process.stderr.write(`heap: ${heapBefore.toFixed(1)} MB, then ${heap.toFixed(1)} MB\n`);
  return [
    { what: "main thread busy at 1,000 spans a second", is: busy * 100, atMost: 40, unit: "%" },
    { what: `heap of a tab after ${values.minutes} minutes of that`, is: heap, atMost: 150, unit: "MB" },
  ];
}

/**
 * CPU of the server for as many exports of 100 spans at full speed, with three pages open beside the mean of a turn with
 * none before and one after. No two exports have a trace in common: the list sums up each trace that is new.
 */
async function measureServer(browser: Browser, server: ObsvtyTarget): Promise<Figure[]> {
  const shares: number[] = [];
  const turn = async () => {
    let left = 10_000;
    const before = cpuMicros(server.pid);
    const sendAll = async () => {
      const request = Buffer.from(traces(20, spansOfTrace));
      for (; left > 0; left--) {
        renewTraces(request, spansOfTrace);
        await send(server, request);
      }
    };
    await Promise.all(Array.from({ length: 8 }, sendAll));
    return cpuMicros(server.pid) - before;
  };
  await turn();
  let alone = await turn();
  for (let round = 0; round < 12; round++) {
    await using stack = new AsyncDisposableStack();
    for (let tab = 0; tab < 3; tab++) stack.use(await openTab(browser, server, "#/traces"));
    // The load of the pages themselves is over by then.
    await wait(2_000);
    const together = await turn();
    await stack.disposeAsync();
    const aloneAfter = await turn();
    shares.push(together / ((alone + aloneAfter) / 2));
    const [before, after] = [alone, aloneAfter].map((micros) => (micros / 1_000).toFixed(0));
    process.stderr.write(
      `${before}, ${(together / 1_000).toFixed(0)} with three pages, ${after} ms of CPU\n`,
    );
    alone = aloneAfter;
  }
  const more = (median(shares) - 1) * 100;
  return [{ what: "CPU of receiving with three pages open, more", is: more, atMost: 10, unit: "%" }];
}

const largeTrace = "5b8efff798038103d269b633813fc60d";
const largeSpans = 80_000;

async function sendLargeTrace(server: ObsvtyTarget): Promise<void> {
  const id = (span: number) => (span + 1).toString(16).padStart(16, "0");
  const start = BigInt(Date.now()) * 1_000_000n;
  for (let from = 0; from < largeSpans; from += 5_000) {
    const spans = Array.from({ length: 5_000 }, (_, i) => ({
      traceId: largeTrace,
      spanId: id(from + i),
      parentSpanId: from + i === 0 ? "" : id(Math.floor((from + i - 1) / 8)),
      name: `step ${(from + i) % 100}`,
      startTimeUnixNano: String(start + BigInt(from + i) * 1_000n),
      endTimeUnixNano: String(start + BigInt(from + i) * 1_000n + 5_000_000n),
    }));
    await send(server, JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }));
  }
}

async function measureLargeTrace(browser: Browser, server: ObsvtyTarget): Promise<Figure[]> {
  await sendLargeTrace(server);
  const opened: number[] = [];
  const frames: number[] = [];
  for (let load = 0; load < 3; load++) {
    await using tab = await openTab(browser, server, `#/trace/${largeTrace}`);
    await tab.page.locator(".row.item").first().waitFor();
    opened.push(Number(await tab.page.evaluate("globalThis.rowsAfterMs")));
    const longest = await tab.page.evaluate(`new Promise((resolve) => {
      const scroller = document.querySelector(".rows");
      let [last, longest, left] = [performance.now(), 0, 120];
      const step = (now) => {
        if (left < 120) longest = Math.max(longest, now - last);
        last = now;
        if (left-- === 0) return resolve(longest);
        scroller.scrollTop += 3_000;
        requestAnimationFrame(step);
      };
      requestAnimationFrame(step);
    })`);
    frames.push(Number(longest));
  }
  return [
    { what: "a trace of 80,000 spans on screen", is: median(opened), atMost: 3_000, unit: "ms" },
    { what: "its longest frame while scrolling", is: median(frames), atMost: 50, unit: "ms" },
  ];
}

if (executable === undefined) throw new Error("no Chromium on the PATH");
pinSelf();
buildObsvty();
await using server = await startObsvty({ MAX_BUFFER_SIZE: "1000000", MAX_BUFFER_BYTES: String(2 ** 30) });
const browser = await chromium.launch({ executablePath: executable, args: ["--no-sandbox"] });
for (let sent = 0; sent < 10_000; sent += 500) await send(server, traces(500, 2));
const figures = [
  ...(await measureLoads(browser, server)),
  ...(await measureLargeTrace(browser, server)),
  ...(await measureServer(browser, server)),
  ...(await measureArrivals(browser, server)),
];
await browser.close();
const rows = figures.map(({ what, is, atMost, unit }) => [
  what,
  `${is.toFixed(1)} ${unit}`,
  `${atMost} ${unit}`,
  is <= atMost ? "met" : "MISSED",
]);
process.stdout.write(`${formatTable(["", "is", "at most", ""], rows)}\n`);
const result = { machine: describeMachine(), minutes: Number(values.minutes), figures };
process.stderr.write(`written to ${writeResult(values.out, result)}\n`);
