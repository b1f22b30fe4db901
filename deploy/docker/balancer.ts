/**
 * One published port for however many replicas of a service compose runs: takes connections and hands each to the
 * next replica, by the names that Docker's DNS gives. In a cluster a Service does this.
 *
 *     deno run --allow-net balancer.ts processing 8001
 *
 * @module
 */

const [host, port] = [Deno.args[0], Number(Deno.args[1])];
let turn = 0;

Deno.addSignalListener("SIGTERM", () => Deno.exit(0));
for await (const client of Deno.listen({ port })) {
  hand(client).catch(() => client.close());
}

async function hand(client: Deno.TcpConn): Promise<void> {
  const replica = await connect();
  await Promise.allSettled([
    client.readable.pipeTo(replica.writable),
    replica.readable.pipeTo(client.writable),
  ]);
}

async function connect(): Promise<Deno.TcpConn> {
  const addresses = (await Deno.resolveDns(host, "A")).sort();
  for (let tried = 0; tried < addresses.length; tried++) {
    try {
      return await Deno.connect({
        hostname: addresses[turn++ % addresses.length],
        port,
      });
    } catch {
      // That replica is starting or gone: the next one.
    }
  }
  throw new Error(`no replica of ${host} answers`);
}
