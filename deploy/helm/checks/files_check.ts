/**
 * What is written from the chart is current.
 *
 * @module
 */

import { deepStrictEqual as equal } from "node:assert";
import { parseAllDocuments } from "yaml";
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

Deno.test("the rendered files say the same to a reader of YAML 1.1, which kubectl is", async () => {
  for (const text of Object.values(await manifests())) {
    const as = (version: "1.1" | "1.2") =>
      parseAllDocuments(text, { version }).map((document) => document.toJS());
    equal(as("1.1"), as("1.2"));
  }
});
