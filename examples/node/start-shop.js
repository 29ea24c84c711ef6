import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** Starts the shop as a process of its own, with more variables. Stops at the end of an `await using`. */
export async function startShop(env) {
  const shop = spawn(process.execPath, ["--import", "./telemetry.js", "shop.js"], {
    cwd: import.meta.dirname,
    env: { ...process.env, PORT: "0", OTEL_SERVICE_NAME: "shop", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(createInterface(shop.stdout), "line");
  return {
    checkout: (cart) =>
      fetch(`${line.split(" ").at(-1)}/checkout`, { method: "POST", body: JSON.stringify(cart) }),
    async [Symbol.asyncDispose]() {
      shop.kill();
      await once(shop, "exit");
    },
  };
}
