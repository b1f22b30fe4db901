import { assertEquals } from "../dev/testing/assert.ts";
import { listenError } from "./listen_error.ts";

Deno.test("listenError() names the variable of a port that this user may not open", () => {
  const error = new Deno.errors.PermissionDenied("os error 13");
  const address = { HOST: "0.0.0.0", PORT: 80 };
  const says = (variable: string) =>
    `Port 80 may not be opened by this user. Set ${variable} to one above 1023.`;
  assertEquals(listenError(error, address), says("PORT"));
  assertEquals(
    listenError(error, address, "INGESTION_PORT"),
    says("INGESTION_PORT"),
  );
});
