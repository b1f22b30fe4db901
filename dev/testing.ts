/**
 * What the tests of all packages start from: a Redis of their own, services as real processes, and waiting by
 * condition.
 *
 * @module
 */

export { startFaultProxy } from "./faultproxy.ts";
export type { FaultProxy, FaultProxyOptions, Faults } from "./faultproxy.ts";
export { freePort } from "./ports.ts";
export { startService } from "./testing/service.ts";
export type { Service } from "./testing/service.ts";
export { testRedis } from "./testing/redis.ts";
export type { TestRedis, TestRedisOptions } from "./testing/redis.ts";
export { until } from "./until.ts";
export type { UntilOptions } from "./until.ts";
