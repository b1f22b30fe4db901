/**
 * The floor of a POST: the least an HTTP service in Deno does, which is to parse the JSON and to answer JSON.
 *
 * @module
 */

Deno.serve(
  { hostname: "127.0.0.1", port: Number(Deno.env.get("PORT")) },
  async (request) => {
    if (request.method === "GET") return Response.json({ status: "ready" });
    const reading = await request.json();
    return Response.json({ status: "accepted", id: reading.site_id }, {
      status: 202,
    });
  },
);
