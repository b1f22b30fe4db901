/**
 * One site: power, energy, devices, readings.
 *
 * @module
 */
import { page } from "fresh";
import { Head } from "fresh/runtime";
import { Away } from "../../../components/Away.tsx";
import { BAR_STEPS, EnergyPanel } from "../../../components/EnergyPanel.tsx";
import { ReadingsPanel } from "../../../components/ReadingsPanel.tsx";
import { Refused } from "../../../components/Refused.tsx";
import { rangeLinks } from "../../../data/address.ts";
import { barStepFor, rangeOf } from "../../../data/range.ts";
import { barsOf, seriesOf } from "../../../data/series.ts";
import { readingsOf, siteOf } from "../../../data/site.ts";
import { siteIdOf } from "../../../data/site_id.ts";
import { sortOf } from "../../../data/sort.ts";
import { define } from "../../../define.ts";
import Devices from "../../../islands/Devices.tsx";
import FirstReading from "../../../islands/FirstReading.tsx";
import PowerChart from "../../../islands/PowerChart.tsx";
import RangeBar from "../../../islands/RangeBar.tsx";
import Retry from "../../../islands/Retry.tsx";
import SiteNow from "../../../islands/SiteNow.tsx";
import { logEmptyPage } from "../../../log.ts";
import { reasonOf, refusalOf } from "../../../services.ts";

/** The address holds the whole state of the page. */
export const handlers = define.handlers({
  GET: async (ctx) => {
    const siteId = siteIdOf(ctx.params);
    const { searchParams: params } = ctx.url;
    const { timeZone } = ctx.state.intl;
    const range = rangeOf(params, Date.now(), timeZone);
    const order = params.get("order") === "asc"
      ? "asc" as const
      : "desc" as const;
    const sort = sortOf(params);
    const device = params.get("device");
    const bars = BAR_STEPS.find((step) => step === params.get("bars")) ??
      barStepFor(range);
    // Hours of a month would be more bars than pixels.
    const barStep = bars === "1h" && range.to - range.from > 8 * 86_400_000
      ? "1d"
      : bars;
    const own = range.name === "own" ? { from: range.from, to: range.to } : {};
    const asked = { siteId, range, order, sort, device, barStep };
    try {
      const [known, series, energy, readings] = await Promise.all([
        siteOf(siteId),
        seriesOf(siteId, range.from, range.to, timeZone),
        barsOf(siteId, range.from, range.to, barStep, timeZone),
        readingsOf(siteId, {
          order,
          cursor: params.get("cursor"),
          device,
          ...own,
        }),
      ]);
      const isHeard = readings.readings.length > 0;
      const site = known.devices.length === 0 && isHeard
        ? await siteOf(siteId, isHeard)
        : known;
      const data = { ...site, series, energy, readings };
      return page({ ...asked, data, refusal: null, reason: "" });
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === null) logEmptyPage(ctx.url, error);
      return page({ ...asked, data: null, refusal, reason: reasonOf(error) }, {
        status: refusal?.status ?? 503,
      });
    }
  },
});

/** The page. */
export default define.page<typeof handlers>(
  (
    {
      data: {
        siteId,
        range,
        order,
        sort,
        device,
        barStep,
        data,
        refusal,
        reason,
      },
      state,
      url,
    },
  ) => {
    return (
      <>
        <Head>
          <title>{siteId} · Energy Microservices</title>
        </Head>
        <p class="crumb">
          <a href="/">Overview</a>
        </p>
        <div class="title">
          <h1>{siteId}</h1>
          {data !== null && (
            <SiteNow
              siteId={siteId}
              devices={data.devices}
              intl={state.intl}
            />
          )}
        </div>
        {refusal !== null
          ? <Refused refusal={refusal} path={url.pathname} />
          : data === null
          ? (
            <>
              <Away what={reason} />
              <Retry />
            </>
          )
          : data.devices.length === 0 && data.readings.readings.length === 0
          ? <FirstReading siteId={siteId} />
          : (
            <>
              {range.fault !== undefined && (
                <p class="notice bad">
                  {range.fault} Shown is the last{" "}
                  {range.name.replace("h", " h").replace("d", " d")}.
                </p>
              )}
              <RangeBar
                range={range}
                links={rangeLinks(url)}
                timeZone={state.intl.timeZone}
              />
              <section class="panel">
                <header>
                  <h2>Power</h2>
                </header>
                <PowerChart
                  siteId={siteId}
                  series={data.series}
                  range={range}
                  intl={state.intl}
                />
              </section>
              <div class="columns wide-first">
                <EnergyPanel
                  bars={data.energy}
                  step={barStep}
                  url={url}
                  intl={state.intl}
                />
                <section class="panel">
                  <header>
                    <h2>Devices</h2>
                  </header>
                  <Devices
                    siteId={siteId}
                    first={data.devices}
                    intl={state.intl}
                  />
                </section>
              </div>
              <ReadingsPanel
                siteId={siteId}
                page={data.readings}
                count={data.count}
                range={range}
                device={device}
                order={order}
                sort={sort}
                url={url}
                intl={state.intl}
              />
            </>
          )}
      </>
    );
  },
);
