/**
 * What is written from the chart is current.
 *
 * @module
 */

import { deepStrictEqual as equal } from "node:assert";
import { folder, manifests } from "../tools/manifests.ts";
import { readme } from "../tools/readme.ts";

Deno.test("the chart's README has every value as it is (deno task chart:readme)", async () => {
  const { is, should } = await readme();
  equal(is, should);
});

Deno.test("deploy/manifests is what the chart renders to (deno task manifests)", async () => {
  const is: Record<string, string> = {};
  for await (const { name } of Deno.readDir(folder)) {
    if (name.endsWith(".yaml")) {
      is[name] = await Deno.readTextFile(`${folder}/${name}`);
    }
  }
  equal(is, await manifests());
});
