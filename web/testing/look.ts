/**
 * A stand-in to look at pages by hand:
 *
 *     deno run -A web/testing/look.ts [sites] [sites that change at a time]
 *
 * @module
 */
import { startFake } from "./fake.ts";
import { power, siteId } from "./fake_sites.ts";

const fake = startFake({ sites: Number(Deno.args[0] ?? 8), port: 18000 });
let s = 0;
setInterval(() => {
  const now = Date.now();
  const many = Number(Deno.args[0] ?? 8);
  const changed: Record<string, unknown> = {};
  for (let k = 0; k < Math.min(many, Number(Deno.args[1] ?? 2)); k++) {
    const i = s++ % many;
    changed[siteId(i)] = {
      last_heard: new Date(now).toISOString(),
      devices: [{
        device_id: "main",
        power_reading: power(i, 0, now) * (0.9 + Math.random() / 5),
        timestamp: new Date(now).toISOString(),
      }],
    };
  }
  fake.push(changed);
}, 250);
console.log(fake.url);
