/**
 * Logs: one JSON object a line, or text for people at a terminal.
 *
 * @module
 */

import {
  configure,
  getLogger,
  type Logger,
  type LogRecord,
} from "@logtape/logtape";

export { getLogger, type Logger };

/**
 * Sets the log up and gives the service's logger.
 *
 * @param service The service's name, a field of every line.
 * @param options Least level and form; without a form, text on a terminal and JSON elsewhere.
 * @returns The logger: `log.info("stored {count}", { count, request_id })`.
 */
export async function createLog(
  service: string,
  options: {
    LOG_LEVEL: "debug" | "info" | "warning" | "error";
    LOG_FORMAT?: "json" | "text";
  },
): Promise<Logger> {
  const text =
    (options.LOG_FORMAT ?? (Deno.stdout.isTerminal() ? "text" : "json")) ===
      "text";
  const write = text
    ? (record: LogRecord) => console.log(textLine(record))
    : (record: LogRecord) => console.log(jsonLine(service, record));
  await configure({
    reset: true,
    sinks: { out: write },
    loggers: [
      { category: [service], sinks: ["out"], lowestLevel: options.LOG_LEVEL },
      { category: ["logtape", "meta"], sinks: ["out"], lowestLevel: "error" },
    ],
  });
  return getLogger([service]);
}

function message(record: LogRecord): string {
  return record.message.map((part) =>
    typeof part === "string" ? part : String(part)
  ).join("");
}

function jsonLine(service: string, record: LogRecord): string {
  return JSON.stringify({
    time: new Date(record.timestamp).toISOString(),
    level: record.level,
    service,
    message: message(record),
    ...record.properties,
  });
}

function textLine(record: LogRecord): string {
  const time = new Date(record.timestamp).toISOString().slice(11, 23);
  // What the message says already is not said twice.
  const named = new Set(
    Array.from(
      String(record.rawMessage).matchAll(/\{(\w+)\}/g),
      ([, name]) => name,
    ),
  );
  const fields = Object.entries(record.properties)
    .filter(([name]) => !named.has(name))
    .map(([name, value]) =>
      ` ${name}=${typeof value === "object" ? JSON.stringify(value) : value}`
    ).join("");
  return `${time} ${record.level.padEnd(7)} ${message(record)}${fields}`;
}
