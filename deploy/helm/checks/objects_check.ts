/**
 * Every object of every value set, by the schemas.
 *
 * @module
 */

import { deepStrictEqual as equal, ok } from "node:assert";
import { chart, helm, template } from "../tools/helm.ts";
import { validate } from "../tools/validate.ts";
import { valueSets } from "./value_sets.ts";

Deno.test("helm lint finds nothing", async () => {
  await helm("lint", "--strict", "--quiet", chart);
});

for (const [name, args] of Object.entries(valueSets)) {
  Deno.test(`${name}: every object is valid`, async () => {
    const objects = await template(...args);
    ok(objects.length > 5);
    equal((await Promise.all(objects.map(validate))).flat(), []);
  });
}

Deno.test("the check finds an unknown field, a wrong type and a missing one", async () => {
  const problems = await validate({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "x" },
    spec: { typo: 1, ports: [{ name: "http", port: "80" }] },
  });
  ok(
    problems.some((problem) => problem.includes("/spec/typo")),
    problems.join(),
  );
  ok(
    problems.some((problem) => problem.includes("/spec/ports/0/port")),
    problems.join(),
  );
  const scaled = await validate({
    apiVersion: "keda.sh/v1alpha1",
    kind: "ScaledObject",
    metadata: { name: "x" },
    spec: { triggers: [] },
  });
  ok(
    scaled.some((problem) => problem.includes("scaleTargetRef")),
    scaled.join(),
  );
});

Deno.test("every object is in the release's namespace and carries the assignment", async () => {
  for (const object of await template(...valueSets["everything on"])) {
    equal(object.metadata.namespace, "energy-system", object.metadata.name);
    if (object.metadata.annotations?.["helm.sh/hook"]) continue;
    equal(
      object.metadata.labels.assignmentId,
      "DE43B346-214A-4394-BB61-BC4E5874A95A",
    );
  }
});
