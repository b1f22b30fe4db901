/**
 * Whether the parts behind the dashboard are well.
 *
 * @module
 */
import { services, shared } from "../services.ts";

/** `away`: does not answer. */
export type PartState = "healthy" | "unhealthy" | "away";

/** The state of each part. */
export interface Health {
  ingestion: PartState;
  processing: PartState;
  redis: PartState;
}

interface Answer {
  state: PartState;
  redis: PartState;
}

/** Asked at most every two seconds, however many look. */
export const healthOfParts = shared<"", Health>(2_000, async () => {
  const [ingestion, processing] = await Promise.all([
    ask(services.ingestion),
    ask(services.processing),
  ]);
  const redis = [ingestion.redis, processing.redis];
  return {
    ingestion: ingestion.state,
    processing: processing.state,
    redis: redis.includes("healthy")
      ? "healthy"
      : redis.includes("unhealthy")
      ? "unhealthy"
      : "away",
  };
});

async function ask(url: string): Promise<Answer> {
  try {
    const response = await fetch(`${url}/health`, {
      signal: AbortSignal.timeout(1_500),
    });
    const { status, redis } = await response.json();
    return {
      state: status === "healthy" ? "healthy" : "unhealthy",
      redis: redis === "connected" ? "healthy" : "unhealthy",
    };
  } catch {
    return { state: "away", redis: "away" };
  }
}
