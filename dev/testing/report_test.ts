import { assertEquals } from "./assert.ts";
import { countTests } from "./report.ts";

Deno.test("countTests() counts what passed and failed, and names what was ignored", () => {
  const xml = `<?xml version="1.0"?>
<testsuites name="deno test" tests="3" failures="1" errors="0" time="0.0">
  <testsuite name="./a_test.ts" tests="3" disabled="1" errors="0" failures="1">
    <testcase name="ok" classname="./a_test.ts" time="0" line="1" col="6">
    </testcase>
    <testcase name="bad" classname="./a_test.ts" time="0" line="2" col="6">
      <failure message="&lt;skipped/&gt;">&lt;/testcase&gt; &lt;skipped/&gt;</failure>
    </testcase>
    <testcase name="not &lt;now&gt;" classname="./a_test.ts" time="0" line="3" col="6">
      <skipped/>
    </testcase>
  </testsuite>
</testsuites>`;
  assertEquals(countTests(xml), {
    passed: 1,
    failed: 1,
    ignored: ["./a_test.ts: not <now>"],
  });
});

Deno.test("countTests() finds nothing in the empty report of a run that did not come to its tests", () => {
  assertEquals(countTests(""), { passed: 0, failed: 0, ignored: [] });
});
