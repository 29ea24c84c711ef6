import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

// What Linux says about a process, the same for servers in any language (proc(5)).

/** USER_HZ, which is 100 on every Linux that Node runs on. */
const tickMicros = 10_000;

/** CPU time of all its threads, in microseconds, in steps of ten milliseconds. */
export function cpuMicros(pid: number): number {
  // The second field is the program's name in brackets and may hold spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ").at(-1)?.split(" ") ?? [];
  const [userTicks, systemTicks] = fields.slice(11, 13).map(Number);
  return ((userTicks ?? 0) + (systemTicks ?? 0)) * tickMicros;
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
