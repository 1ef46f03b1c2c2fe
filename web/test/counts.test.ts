import assert from "node:assert/strict";
import { test } from "node:test";
import { bars, dayAt, indexOf, readCounts } from "../src/timeline/counts";

const counts = { from: "2021-03-26", counts: [1, 4, 2, 7, 0] };

test("days are civil days: the clock change of 28 March neither repeats nor skips one", () => {
  assert.deepEqual([0, 1, 2, 3, 4].map((index) => dayAt(counts.from, index)),
    ["2021-03-26", "2021-03-27", "2021-03-28", "2021-03-29", "2021-03-30"]);
  assert.equal(dayAt("2020-02-28", 1), "2020-02-29");
});

test("a day and its index say the same, and days outside the range stop at its ends", () => {
  for (let index = 0; index < counts.counts.length; index += 1) assert.equal(indexOf(counts, dayAt(counts.from, index)), index);
  assert.equal(indexOf(counts, "2020-01-01"), 0);
  assert.equal(indexOf(counts, "2030-01-01"), 4);
});

test("unusable counts are refused", () => {
  assert.deepEqual(readCounts({ ...counts, today: "2021-03-27" }), { ...counts, today: "2021-03-27" });
  for (const bad of [null, 3, {}, { from: "domani", counts: [1, 2] }, { from: "2021-03-26", counts: [1] },
    { from: "2021-03-26", counts: [1, -2] }, { from: "2021-03-26", counts: ["1", "2"] }]) {
    assert.equal(readCounts(bad), null);
  }
});

test("bars cover every day once and never hide the busiest", () => {
  const many = Array.from({ length: 1000 }, (_, index) => (index === 777 ? 99 : index % 7));
  const drawn = bars(many, 370);
  assert.ok(drawn.length <= 370);
  assert.equal(drawn.at(-1)!.first + drawn.at(-1)!.days >= many.length, true);
  drawn.slice(1).forEach((bar, index) => assert.equal(bar.first, drawn[index]!.first + drawn[index]!.days));
  assert.equal(Math.max(...drawn.map((bar) => bar.value)), 99);
});
