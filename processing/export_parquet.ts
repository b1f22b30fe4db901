/**
 * Stored readings as a Parquet file, written a row group at a time, so that memory stays flat.
 *
 * @see https://parquet.apache.org/docs/file-format/
 * @module
 */

import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { epochMsOf } from "../core/timestamp.ts";
import { valuesOf } from "./export_lines.ts";

/** Readings in a row group: what is gathered before it is written. */
const GROUP = 20_000;

type Writer = ConstructorParameters<typeof ParquetWriter>[0];

const SCHEMA: Writer["schema"] = [
  { name: "readings", num_children: 4 },
  ...["site_id", "device_id"].map((name) => ({
    name,
    type: "BYTE_ARRAY" as const,
    converted_type: "UTF8" as const,
    repetition_type: "REQUIRED" as const,
  })),
  { name: "power_reading", type: "DOUBLE", repetition_type: "REQUIRED" },
  {
    name: "timestamp",
    type: "INT64",
    converted_type: "TIMESTAMP_MICROS",
    repetition_type: "REQUIRED",
  },
];

/**
 * Writes readings.
 *
 * @param chunks The readings as they are stored.
 * @yields The bytes of the file.
 */
export async function* exportParquet(
  chunks: AsyncIterable<string[]>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const writer = new ByteWriter();
  const file = new ParquetWriter({ writer, schema: SCHEMA });
  // What was written goes out, and its room is used again; `offset` goes on counting.
  const taken = () => {
    const bytes = new Uint8Array(writer.getBytes());
    writer.index = 0;
    return bytes;
  };
  let rows = newRows();
  for await (const jsons of chunks) {
    for (const json of jsons) addRow(rows, json);
    if (rows.power.length < GROUP) continue;
    await writeRows(file, rows);
    yield taken();
    rows = newRows();
  }
  if (rows.power.length > 0) await writeRows(file, rows);
  await file.finish();
  yield taken();
}

function newRows() {
  return {
    site: [] as string[],
    device: [] as string[],
    power: [] as number[],
    time: [] as bigint[],
  };
}

function addRow(rows: ReturnType<typeof newRows>, json: string): void {
  const [site, device, power, timestamp] = valuesOf(json);
  rows.site.push(site);
  rows.device.push(device);
  rows.power.push(Number(power));
  rows.time.push(microsOf(timestamp));
}

async function writeRows(
  file: ParquetWriter,
  { site, device, power, time }: ReturnType<typeof newRows>,
): Promise<void> {
  await file.write({
    columnData: [
      { name: "site_id", data: site },
      { name: "device_id", data: device },
      { name: "power_reading", data: power },
      { name: "timestamp", data: time },
    ],
    rowGroupSize: power.length,
  });
}

/** Nanoseconds would fit 64 bits for the years 1678 to 2261 only. */
function microsOf(timestamp: string): bigint {
  const fraction = /\.(\d+)Z$/.exec(timestamp)?.[1] ?? "";
  return BigInt(epochMsOf(timestamp)) * 1000n +
    BigInt(fraction.slice(3, 6).padEnd(3, "0"));
}
