import { constants, type PerformanceNodeEntry, PerformanceObserver } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { knowsNewFlags } from "./tune-heap.ts";

/** Of one core: with less a load is over. */
const calmShare = 0.1;

/** Of one core: with more a load begins while V8 saves memory, whose collections take less than that. */
const loadShare = 0.5;

/** How many looks in a row have to find the server calm before a load is over. */
const looksUntilOver = 40;

/** For how many looks V8 saves memory at the most. It decides every 8 seconds whether to collect. */
const looksOfSaving = 60;

/** V8's mode that saves memory collects twice, the second time what the first one has moved together. */
const collectionsNeeded = 2;

/**
 * Tells when V8 should save memory: once after each load, until it has collected or the next load begins.
 */
export class AfterLoad {
  /** How many looks in a row have found no load since the last one. */
  #calm = Number.POSITIVE_INFINITY;
  #collections = 0;

  get saves(): boolean {
    return (
      this.#calm >= looksUntilOver &&
      this.#calm < looksUntilOver + looksOfSaving &&
      this.#collections < collectionsNeeded
    );
  }

  /** @param share of one core that was used since the last look */
  look(share: number): void {
    const isLoad = share >= (this.saves ? loadShare : calmShare);
    this.#calm = isLoad ? 0 : this.#calm + 1;
    if (isLoad) this.#collections = 0;
  }

  /** V8 has collected the whole heap. */
  collected(): void {
    if (this.saves) this.#collections++;
  }
}

/**
 * Has V8 collect what a load has left, when the load is over. By itself V8 puts that off while a few requests a second
 * arrive, and the garbage of a burst stays until as much is allocated again, which may take hours.
 *
 * V8 marks in small steps beside the calls then. It does not save memory during a load: that would cost twice the CPU.
 * @param lookEveryMs how often the load is looked at
 */
export function giveMemoryBackAfterLoad(lookEveryMs = 500): void {
  if (!knowsNewFlags) return;
  const afterLoad = new AfterLoad();
  const collections = new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries() as PerformanceNodeEntry[]) {
      if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) afterLoad.collected();
    }
  });
  let saves = false;
  let before = { usage: process.cpuUsage(), at: performance.now() };
  const look = () => {
    const now = { usage: process.cpuUsage(), at: performance.now() };
    const microseconds = now.usage.user + now.usage.system - before.usage.user - before.usage.system;
    afterLoad.look(microseconds / 1_000 / (now.at - before.at));
    before = now;
    if (afterLoad.saves === saves) return;
    saves = afterLoad.saves;
    setFlagsFromString(saves ? "--memory-saver-mode" : "--no-memory-saver-mode");
    if (saves) collections.observe({ entryTypes: ["gc"] });
    else collections.disconnect();
  };
  setInterval(look, lookEveryMs).unref();
}
