import assert from "node:assert/strict";
import { test } from "node:test";
import { isEnter, type KeyTarget, keyForPage } from "../../../../src/web/parts/pressed-key.ts";

const body: KeyTarget = { tagName: "BODY" };

interface Press {
  readonly key: string;
  readonly held?: "ctrlKey" | "metaKey" | "altKey" | "AltGraph" | "isComposing" | "defaultPrevented";
}

function keyOf({ key, held }: Press, target = body): string | undefined {
  const none = { ctrlKey: false, metaKey: false, altKey: false, isComposing: false, defaultPrevented: false };
  const modifiers = held === "AltGraph" ? { ctrlKey: true, altKey: true } : held && { [held]: true };
  const getModifierState = (name: string) => name === held;
  return keyForPage({ ...none, ...modifiers, key, getModifierState }, target);
}

test("where the focus is in no field, a key is for the page", () => {
  for (const key of ["e", "/", "?", "[", "Enter", " ", "ArrowDown"]) assert.equal(keyOf({ key }), key);
});

test("in a field every key but Escape is for the field", () => {
  const fields: readonly KeyTarget[] = [
    { tagName: "INPUT" },
    { tagName: "INPUT", type: "search" },
    { tagName: "SELECT" },
    { tagName: "TEXTAREA" },
    { tagName: "P", isContentEditable: true },
  ];
  for (const field of fields) {
    for (const key of ["e", "/", "?", "Enter", "ArrowDown"]) assert.equal(keyOf({ key }, field), undefined);
    assert.equal(keyOf({ key: "Escape" }, field), "Escape");
  }
});

test("what is pressed by a key keeps the keys that press it, and leaves the others to the page", () => {
  const button = { tagName: "BUTTON" };
  const box = { tagName: "INPUT", type: "checkbox" };
  for (const target of [button, { tagName: "A" }, { tagName: "SUMMARY" }, box]) {
    assert.equal(keyOf({ key: "Enter" }, target), undefined);
    assert.equal(keyOf({ key: " " }, target), undefined);
    assert.equal(keyOf({ key: "/" }, target), "/");
  }
  assert.equal(keyOf({ key: "ArrowDown" }, button), "ArrowDown");
  assert.equal(keyOf({ key: "ArrowDown" }, box), undefined);
  assert.equal(keyOf({ key: "e" }, { tagName: "INPUT", type: "file" }), "e");
});

test("a key that is composed, taken already or held with Ctrl, Meta or Alt is not for the page", () => {
  for (const held of ["ctrlKey", "metaKey", "altKey", "isComposing", "defaultPrevented"] as const) {
    assert.equal(keyOf({ key: "e", held }), undefined, held);
  }
});

test("a bracket that a keyboard has at AltGr or at Option is for the page", () => {
  assert.equal(keyOf({ key: "[", held: "AltGraph" }), "[");
  assert.equal(keyOf({ key: "{", held: "altKey" }), "{");
});

test("Enter that ends the composing of a character does nothing else", () => {
  assert.equal(isEnter({ key: "Enter", isComposing: false }), true);
  assert.equal(isEnter({ key: "Enter", isComposing: true }), false);
});
