/**
 * Writing a series.
 *
 * @module
 */

import type { Point } from "./aggregate.ts";
import type { DeviceSeries } from "./series.ts";

/** A series without its devices. */
export interface SeriesHead {
  site_id: string;
  step: string;
  tz: string;
  from: string;
  to: string;
}

/**
 * Sends a series, a device at a time. The client's pace is Redis's: the next is read when there is room for it.
 *
 * @param head What it is of.
 * @param devices The devices.
 * @returns The answer, once the first device is there: what fails until then is still told by a status of its own.
 */
export async function seriesAnswer(
  head: SeriesHead,
  devices: AsyncGenerator<DeviceSeries>,
): Promise<Response> {
  const first = await devices.next();
  async function* text(): AsyncGenerator<string> {
    yield `${JSON.stringify(head).slice(0, -1)},"devices":[`;
    if (!first.done) {
      yield written(first.value);
      for await (const device of devices) yield `,${written(device)}`;
    }
    yield "]}";
  }
  return new Response(
    ReadableStream.from(text()).pipeThrough(new TextEncoderStream()),
    { headers: { "content-type": "application/json" } },
  );
}

function written({ deviceId, points }: DeviceSeries): string {
  return JSON.stringify({
    device_id: deviceId,
    points: points.map((point: Point) => ({
      ...point,
      start: new Date(point.start).toISOString(),
    })),
  });
}
