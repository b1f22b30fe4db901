import { assert, assertEquals } from "../dev/testing/assert.ts";
import {
  type Answered,
  CSV,
  LENIENT,
  READING,
  startIngestion,
} from "./testing/harness.ts";

// deno-lint-ignore no-explicit-any
type Schema = any;

/** Where a value does not fit a schema of the kind that the document has; nothing when it does. */
function misfits(value: unknown, schema: Schema, at = "$"): string[] {
  const union = schema.anyOf ?? schema.oneOf;
  if (union !== undefined) {
    const each: string[][] = union.map((one: Schema) =>
      misfits(value, one, at)
    );
    return each.some((list) => list.length === 0) ? [] : each.flat();
  }
  const types = [schema.type].flat().filter(Boolean);
  const type = value === null
    ? "null"
    : Array.isArray(value)
    ? "array"
    : Number.isInteger(value) && types.includes("integer")
    ? "integer"
    : typeof value;
  if (types.length > 0 && !types.includes(type)) {
    return [`${at} is ${type}, not ${types}`];
  }
  if ("const" in schema && schema.const !== value) {
    return [`${at} is not ${schema.const}`];
  }
  if (schema.enum && !schema.enum.includes(value)) {
    return [`${at} is not one of ${schema.enum}`];
  }
  if (type === "array") {
    const items = value as unknown[];
    if (items.length > (schema.maxItems ?? Infinity)) {
      return [`${at} is too long`];
    }
    return items.flatMap((item, i) =>
      misfits(item, schema.items ?? {}, `${at}/${i}`)
    );
  }
  if (type !== "object") return [];
  const members = value as Record<string, unknown>;
  const known = schema.properties ?? {};
  return [
    ...(schema.required ?? []).filter((name: string) => !(name in members))
      .map((name: string) => `${at}/${name} is missing`),
    ...Object.entries(members).flatMap(([name, member]) =>
      name in known
        ? misfits(member, known[name], `${at}/${name}`)
        : schema.additionalProperties === false
        ? [`${at}/${name} is not documented`]
        : []
    ),
  ];
}

Deno.test("every answer of POST /readings fits the OpenAPI document", async () => {
  await using h = await startIngestion({ MAX_BATCH: "2" });
  const document = await (await h.app.request("/openapi.json")).json();
  const operation = document.paths["/readings"].post;
  const resolve = (schema: Schema): Schema =>
    JSON.parse(
      JSON.stringify(schema),
      (_, value) =>
        value?.$ref === undefined ? value : resolve(
          value.$ref.slice(2).split("/").reduce(
            (o: Schema, k: string) => o[k],
            document,
          ),
        ),
    );
  const text = { "content-type": "text/plain" };
  const answers: Answered[] = [
    await h.postJson(READING),
    await h.postJson([READING, READING]),
    await h.postJson([READING, {}], LENIENT),
    await h.post("site_id,device_id,timestamp,power_reading\na,b,c,d\n", {
      ...CSV,
      ...LENIENT,
    }),
    await h.postJson([READING, {}]),
    await h.post("a,b\n", CSV),
    await h.post("{"),
    await h.postJson([READING, READING, READING]),
    await h.post("x", text),
  ];
  await h.client.set("energy_readings:x", "");
  await h.client.del("energy_readings");
  await h.client.set("energy_readings", "");
  answers.push(await h.postJson(READING));
  for (const { status, headers, body } of answers) {
    const documented = operation.responses[status];
    assert(documented, `${status} is documented`);
    const content = documented.content[headers.get("content-type") ?? ""];
    assert(
      content,
      `${status} is documented as ${headers.get("content-type")}`,
    );
    assertEquals(misfits(body, resolve(content.schema)), []);
  }
  const statuses = new Set(answers.map(({ status }) => status));
  assertEquals([...statuses].sort(), [202, 400, 413, 415, 422, 503]);
});

Deno.test("the OpenAPI document describes a reading by its fields, its rules and an example", async () => {
  await using h = await startIngestion();
  const document = await (await h.app.request("/openapi.json")).json();
  assertEquals(document.openapi, "3.1.0");
  const operation = document.paths["/readings"].post;
  const content = operation.requestBody.content;
  assertEquals(Object.keys(content), [
    "application/json",
    "application/x-ndjson",
    "text/csv",
  ]);
  const [one] = content["application/json"].schema.anyOf;
  const reading = one.$ref
    ? document.components.schemas[one.$ref.split("/").at(-1)]
    : one;
  assertEquals(misfits(READING, reading), []);
  assertEquals(reading.additionalProperties, false);
  assertEquals(misfits({ ...READING, power_reading: "5" }, reading).length, 1);
  assertEquals(operation.security, [{ bearer: [] }, { apiKey: [] }]);
  // What is documented as an example is taken as it stands.
  for (const type of ["application/x-ndjson", "text/csv"]) {
    const { example, examples } = content[type].schema;
    const { status } = await h.post(example ?? examples[0], {
      "content-type": type,
    });
    assertEquals(status, 202);
  }
});
