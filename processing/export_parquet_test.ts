import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { assertEquals } from "../dev/testing/assert.ts";
import { until } from "../dev/testing.ts";
import { createHarness } from "./testing/harness.ts";
import { series, storeReadings } from "./testing/site.ts";

Deno.test("GET /export gives Parquet that says the same as CSV, in groups of rows", async () => {
  await using h = await createHarness();
  await storeReadings(h, "b", series(60_300, Date.UTC(2024, 0, 1), -100.25));
  await h.add([{
    site: "a",
    power: 1e-7,
    at: "2024-01-15T10:30:00.123456789Z",
  }]);
  await storeReadings(h, "a", [{ power: 2, time: -1 }]);
  const app = await h.app();
  const response = await app.request("/export?format=parquet");
  assertEquals(
    [
      response.headers.get("content-type"),
      response.headers.get("content-disposition"),
    ],
    [
      "application/vnd.apache.parquet",
      'attachment; filename="readings.parquet"',
    ],
  );
  const file = await response.arrayBuffer();
  assertEquals(parquetMetadata(file).row_groups.length, 4);
  const rows = await parquetReadObjects({ file });
  const csv = await (await app.request("/export")).text();
  const lines = csv.trimEnd().split("\r\n").slice(1);
  assertEquals(rows.length, lines.length);
  lines.forEach((line, i) => {
    const [site_id, device_id, power, timestamp] = line.split(",");
    const row = rows[i];
    if (
      row.site_id !== site_id || row.device_id !== device_id ||
      row.power_reading !== Number(power) ||
      row.timestamp.getTime() !== Date.parse(timestamp)
    ) assertEquals(JSON.stringify(row.timestamp), line);
  });
});

Deno.test("GET /export gives Parquet to the microsecond, before 1970 and beyond what 64 bits of nanoseconds hold, too", async () => {
  await using h = await createHarness();
  const times: [string, bigint][] = [
    ["2024-01-15T10:30:00.123456789Z", 1_705_314_600_123_456n],
    ["2024-01-15T10:30:00.00005Z", 1_705_314_600_000_050n],
    ["2024-01-15T10:30:00.1204Z", 1_705_314_600_120_400n],
    ["1969-12-31T23:59:59.9995Z", -500n],
    ["0001-01-01T00:00:00Z", -62_135_596_800_000_000n],
  ];
  await h.consume("a");
  await h.add(times.map(([at], power) => ({ power, at })));
  await until(async () => (await h.powers()).length === times.length, {
    message: "all are stored",
  });
  const app = await h.app();
  const response = await app.request("/export?format=parquet");
  const rows = await parquetReadObjects({
    file: await response.arrayBuffer(),
    parsers: { timestampFromMicroseconds: (micros) => micros },
  });
  assertEquals(
    rows.map(({ timestamp }) => timestamp),
    times.map(([, micros]) => micros),
  );
});

Deno.test("GET /export gives a whole Parquet file when there is nothing, and cannot go on with one", async () => {
  await using h = await createHarness();
  const app = await h.app();
  const response = await app.request("/export", {
    headers: { accept: "application/vnd.apache.parquet" },
  });
  const file = await response.arrayBuffer();
  assertEquals(await parquetReadObjects({ file }), []);
  const refused = await app.request("/export?format=parquet&cursor=x");
  assertEquals(refused.status, 422);
  assertEquals((await refused.json()).errors[0].parameter, "cursor");
});
