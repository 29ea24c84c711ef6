import { keptRows } from "../../test/support/shops/fault-rows.ts";
import { situations } from "../../test/support/shops/situations.ts";
import { markdownTable } from "./markdown-table.ts";

/** What each SDK did in each situation, as the last kept run of `npm run test:sdks` has measured it. */
export function sdkTable(): string {
  return markdownTable(
    ["SDK", "protocol", ...situations.map(({ title }) => title)],
    keptRows().map(({ sdk, version, protocol, verdicts }) => [
      `${sdk} ${version}`,
      protocol,
      ...situations.map(({ key }) => verdicts[key] ?? ""),
    ]),
  );
}
