/**
 * Redis's `maxmemory-policy`: with any other than `noeviction` a full Redis throws away what it has acknowledged.
 *
 * @module
 */

import type { Logger } from "./log.ts";
import type { Redis } from "./redis.ts";

/** The policy under which Redis keeps what it has acknowledged. */
const SAFE = "noeviction";

/**
 * Reads the policy. INFO tells it where CONFIG is forbidden, as it is by those who offer Redis as a service.
 *
 * @param redis The connection.
 * @returns The policy; an empty string when Redis does not say.
 * @throws What Redis answers when it cannot be asked.
 */
export async function memoryPolicy(redis: Redis): Promise<string> {
  const info = await redis.info("memory");
  return /^maxmemory_policy:(\S+)/m.exec(info)?.[1] ?? "";
}

/**
 * What `/health` says of the policy.
 *
 * @param redis The connection.
 * @returns The policy and, when it is not safe, a warning.
 */
export async function memoryPolicyHealth(
  redis: Redis,
): Promise<Record<string, unknown>> {
  const policy = await memoryPolicy(redis);
  if (policy === SAFE) return { maxmemory_policy: policy };
  return {
    maxmemory_policy: policy || "unknown",
    // One who only does not say may be safe.
    ...(policy !== "" && { warnings: [warning(policy)] }),
  };
}

/**
 * Warns once, when Redis is reached first, if the policy is not safe.
 *
 * @param redis The connection.
 * @param log Where to.
 */
export function warnOfMemoryPolicy(redis: Redis, log: Logger): void {
  const look = () =>
    void memoryPolicy(redis).then((policy) => {
      if (policy !== SAFE && policy !== "") {
        log.warning(warning(policy), { maxmemory_policy: policy });
      }
      // Redis being away is told by its connection, and it is asked again once it is back.
    }).catch(() => redis.once("ready", look));
  if (redis.status === "ready") look();
  else redis.once("ready", look);
}

function warning(policy: string): string {
  return `Redis's maxmemory-policy is ${policy}: when its memory is full, it throws away readings that were accepted. ` +
    `Set it to ${SAFE}.`;
}
