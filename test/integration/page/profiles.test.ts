import assert from "node:assert/strict";
import { test } from "node:test";
import { inBrowser } from "../../support/browser/page.ts";
import { sendOtlpJson } from "../../support/send-otlp-json.ts";
import { sendProfiles } from "../../support/two-profiles.ts";

const { open, skip } = inBrowser();

test("a profile is listed, drawn as a flame graph, looked at closer, and left again by keys", {
  skip,
}, async (t) => {
  const { server, page, faults, go } = await open(t);
  await go("#/profiles");
  await page.getByText("No profile is held.").waitFor();
  await sendProfiles(server);
  await page.getByText("2 profiles").waitFor();
  await page
    .getByRole("row", { name: /shop cpu/ })
    .getByRole("link")
    .click();
  await page.getByText("all: 4 ms, 100.0 %; itself 0 ns").waitFor();
  await page.getByRole("row", { name: "parse shop.ts 3 ms 75.0 % 3 ms 75.0 %" }).waitFor();

  await page.getByRole("figure").getByText("parse").click();
  await page.getByText("parse: 3 ms, 75.0 %; itself 3 ms").waitFor();
  const copied = page.url();
  await page.keyboard.press("ArrowUp");
  await page.getByText("main: 4 ms, 100.0 %; itself 1 ms").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "show all" }).waitFor({ state: "hidden" });
  await page.keyboard.press("/");
  await page.keyboard.type("PARSE");
  await page.getByText("75.0 % of all").waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await page.getByText("2 profiles").waitFor();

  const other = await page.context().newPage();
  await other.goto(copied);
  await other.getByText("parse: 3 ms, 75.0 %; itself 3 ms").waitFor();
  await other.goto(`${server.url}/#/profiles/${"0".repeat(20)}`);
  await other.getByText("It may have gone to make room for newer ones.").waitFor();
  assert.deepEqual(faults, []);
});

test("a profile whose unit is called like what objects have is drawn", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendOtlpJson(server, "profiles", {
    resourceProfiles: [
      {
        scopeProfiles: [
          {
            profiles: [
              {
                sampleType: { typeStrindex: 1, unitStrindex: 2 },
                samples: [{ stackIndex: 1, values: ["3"] }],
              },
            ],
          },
        ],
      },
    ],
    dictionary: {
      stringTable: ["", "cpu", "constructor", "main"],
      mappingTable: [{}],
      linkTable: [{}],
      functionTable: [{}, { nameStrindex: 3 }],
      locationTable: [{}, { lines: [{ functionIndex: 1 }] }],
      stackTable: [{}, { locationIndices: [1] }],
      attributeTable: [{}],
    },
  });
  await go("#/profiles");
  await page.getByRole("row", { name: /cpu/ }).getByRole("link").click();
  await page.getByText("all: 3 constructor, 100.0 %").waitFor();
  assert.deepEqual(faults, []);
});

test("keys lead from profile to profile and open one", { skip }, async (t) => {
  const { server, page, faults, go } = await open(t);
  await sendProfiles(server);
  await go("#/profiles");
  await page.getByText("2 profiles").waitFor();
  for (const key of ["j", "j", "Enter"]) await page.keyboard.press(key);
  await page.getByRole("link", { name: "All profiles" }).waitFor();
  assert.deepEqual(faults, []);
});
