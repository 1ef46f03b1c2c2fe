import assert from "node:assert/strict";
import { test } from "node:test";
import { parseNumber } from "../src/chart/table";

test("Italian figures are read with their own separators", () => {
  assert.equal(parseNumber("1.647", "it"), 1647);
  assert.equal(parseNumber("1.647,5", "it"), 1647.5);
  assert.equal(parseNumber("−40 %", "it"), -40);
  assert.equal(parseNumber("12 000 €", "it"), 12000);
});

test("English figures keep theirs", () => {
  assert.equal(parseNumber("1,647.5", "en"), 1647.5);
});

test("what is not a number is none, not zero", () => {
  for (const text of ["", "n.d.", "circa 12", "12/2021", "—"]) assert.equal(parseNumber(text, "it"), null);
});
