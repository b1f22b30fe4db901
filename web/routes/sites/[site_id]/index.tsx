/**
 * One site: power, energy, devices, readings.
 *
 * @module
 */
import { page } from "fresh";
import { Head } from "fresh/runtime";
import { Away } from "../../../components/Away.tsx";
import { RangeBar } from "../../../components/RangeBar.tsx";
import { csvQuery, withParams } from "../../../data/address.ts";
import { barStepFor, rangeOf } from "../../../data/range.ts";
import { barsOf, seriesOf } from "../../../data/series.ts";
import { readingsOf, siteOf } from "../../../data/site.ts";
import { define } from "../../../define.ts";
import { formatFor } from "../../../format.ts";
import Devices from "../../../islands/Devices.tsx";
import EnergyBars from "../../../islands/EnergyBars.tsx";
import PowerChart from "../../../islands/PowerChart.tsx";
import Readings from "../../../islands/Readings.tsx";
import Retry from "../../../islands/Retry.tsx";
import SiteNow from "../../../islands/SiteNow.tsx";
import { reasonOf } from "../../../services.ts";

const BAR_STEPS = ["1h", "1d", "1mo"] as const;

/** The address holds the whole state of the page. */
export const handlers = define.handlers({
  GET: async (ctx) => {
    const { site_id } = ctx.params;
    const { searchParams: params } = ctx.url;
    const { timeZone } = ctx.state.intl;
    const range = rangeOf(params, Date.now());
    const order = params.get("order") === "asc"
      ? "asc" as const
      : "desc" as const;
    const device = params.get("device");
    const bars = BAR_STEPS.find((step) => step === params.get("bars")) ??
      barStepFor(range);
    // Hours of a month would be more bars than pixels.
    const barStep = bars === "1h" && range.to - range.from > 8 * 86_400_000
      ? "1d"
      : bars;
    const own = range.name === "own" ? { from: range.from, to: range.to } : {};
    try {
      const [site, series, energy, readings] = await Promise.all([
        siteOf(site_id),
        seriesOf(site_id, range.from, range.to, timeZone),
        barsOf(site_id, range.from, range.to, barStep, timeZone),
        readingsOf(site_id, {
          order,
          cursor: params.get("cursor"),
          device,
          ...own,
        }),
      ]);
      const data = { ...site, series, energy, readings };
      return page({ range, order, device, barStep, data, reason: "" });
    } catch (error) {
      console.warn(String(error));
      return page({
        range,
        order,
        device,
        barStep,
        data: null,
        reason: reasonOf(error),
      }, {
        status: 503,
      });
    }
  },
});

/** The page. */
export default define.page<typeof handlers>(
  (
    {
      data: { range, order, device, barStep, data, reason },
      params,
      state,
      url,
    },
  ) => {
    const { site_id } = params;
    return (
      <>
        <Head>
          <title>{site_id} · Energy Microservices</title>
        </Head>
        <p class="crumb">
          <a href="/">Overview</a>
        </p>
        <div class="title">
          <h1>{site_id}</h1>
          {data !== null && (
            <SiteNow
              siteId={site_id}
              devices={data.devices}
              intl={state.intl}
            />
          )}
        </div>
        {data === null
          ? (
            <>
              <Away what={reason} />
              <Retry />
            </>
          )
          : data.devices.length === 0 && data.readings.readings.length === 0
          ? (
            <section class="empty">
              <h2>Nothing has been heard from this site</h2>
              <p>
                It appears as soon as its first reading is stored.{" "}
                <a href={`/submit?site_id=${encodeURIComponent(site_id)}`}>
                  Send one
                </a>.
              </p>
            </section>
          )
          : (
            <>
              <RangeBar range={range} url={url} />
              <section class="panel">
                <header>
                  <h2>Power</h2>
                </header>
                <PowerChart
                  siteId={site_id}
                  series={data.series}
                  range={range}
                  intl={state.intl}
                />
              </section>
              <section class="panel" id="energy">
                <header>
                  <h2>Energy</h2>
                  <nav class="segments" aria-label="Energy by">
                    {BAR_STEPS.map((step) => (
                      <a
                        key={step}
                        href={withParams(url, { bars: step }) + "#energy"}
                        aria-current={step === barStep ? "true" : undefined}
                      >
                        {{ "1h": "Hour", "1d": "Day", "1mo": "Month" }[step]}
                      </a>
                    ))}
                  </nav>
                </header>
                {data.energy === null
                  ? (
                    <p class="nothing">
                      The processing service keeps no energy history yet.
                    </p>
                  )
                  : data.energy.length === 0
                  ? <p class="nothing">No energy in this range.</p>
                  : (
                    <EnergyBars
                      bars={data.energy}
                      step={barStep}
                      intl={state.intl}
                    />
                  )}
              </section>
              <div class="columns">
                <section class="panel">
                  <header>
                    <h2>Devices</h2>
                  </header>
                  <Devices
                    siteId={site_id}
                    first={data.devices}
                    intl={state.intl}
                  />
                </section>
                <section class="panel" id="readings">
                  <header>
                    <h2>
                      Readings{device !== null && ` of ${device}`}{" "}
                      <small>
                        {`${formatFor(state.intl).number(data.count)} stored`}
                      </small>
                    </h2>
                    {device !== null && (
                      <a
                        class="button small"
                        href={withParams(url, { device: null, cursor: null }) +
                          "#readings"}
                      >
                        All devices
                      </a>
                    )}
                    <a
                      class="button small"
                      href={`/sites/${
                        encodeURIComponent(site_id)
                      }/readings.csv${csvQuery(range, device)}`}
                      download
                    >
                      Download CSV
                    </a>
                  </header>
                  <Readings
                    readings={data.readings.readings}
                    order={order}
                    orderHref={withParams(url, {
                      order: order === "desc" ? "asc" : null,
                      cursor: null,
                    }) + "#readings"}
                    deviceHref={withParams(url, { cursor: null, device: "" }) +
                      ""}
                    intl={state.intl}
                  />
                  <p class="pager">
                    {url.searchParams.has("cursor") && (
                      <a
                        class="button small"
                        href={withParams(url, { cursor: null }) + "#readings"}
                      >
                        First page
                      </a>
                    )}
                    {data.readings.cursor !== null && (
                      <a
                        class="button small"
                        href={withParams(url, {
                          cursor: data.readings.cursor,
                        }) + "#readings"}
                      >
                        {order === "desc" ? "Older" : "Newer"} →
                      </a>
                    )}
                  </p>
                </section>
              </div>
            </>
          )}
      </>
    );
  },
);
