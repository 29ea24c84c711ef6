import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

// What Linux says about a process, the same for servers in any language (proc(5)).

/**
 * CPU time in microseconds of all threads that the process has now. The kernel counts it in nanoseconds there; in
 * `/proc/PID/stat` it comes in steps of ten milliseconds, which are a tenth of what a short run takes.
 */
export function cpuMicros(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = threads.map((thread) => {
    return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "latin1").split(" ")[0]);
  });
  return nanoseconds.reduce((sum, one) => sum + one, 0) / 1_000;
}

/** Resident memory in bytes: now, or the most it ever was. */
export function residentBytes(pid: number, which: "now" | "peak"): number {
  const key = which === "now" ? "VmRSS" : "VmHWM";
  const match = new RegExp(`^${key}:\\s+(\\d+) kB`, "m").exec(readFileSync(`/proc/${pid}/status`, "latin1"));
  return Number(match?.[1]) * 1024;
}

/** Servers run here, alone; everything else runs on the other core. */
export const serverCore = 0;
export const loadCore = 1;

/** Leaves the servers' core to the servers. */
export function pinSelf(): void {
  execFileSync("taskset", ["-a", "-cp", String(loadCore), String(process.pid)], { stdio: "ignore" });
}
