/**
 * Redis in a container, for machines that have Docker and no Redis.
 *
 * @module
 */

import { ROOT } from "../paths.ts";

/** What Redis is started by, in the chart and in compose as well: it puts the end of the append-only file in order. */
export const START_SCRIPT: string =
  `${ROOT}/deploy/helm/energy-microservices/files/redis-start.sh`;

/** The image, as Docker Hub has it. */
export const IMAGE = "redis:7-alpine";

/**
 * Asks whether a Docker engine answers.
 *
 * @param client Path of the `docker` program.
 * @param stop Ends the asking.
 * @returns Nothing when one answers; otherwise why not, in a sentence.
 */
export async function dockerAnswers(
  client: string,
  stop: AbortSignal = new AbortController().signal,
): Promise<string | undefined> {
  try {
    // An engine behind a dead TCP address would keep the client waiting for minutes.
    const signal = AbortSignal.any([stop, AbortSignal.timeout(5000)]);
    const output = await new Deno.Command(client, {
      args: ["version", "--format", "{{.Server.Version}}"],
      signal,
      stdin: "null",
    }).output();
    return output.success
      ? undefined
      : "docker is there, but its engine does not answer";
  } catch (error) {
    return `docker cannot be run: ${
      error instanceof Error ? error.message : error
    }`;
  }
}

/** A container to run. */
export interface ContainerOptions {
  /** Its name, by which it is signalled later. */
  name: string;
  /** Directory of this machine that Redis keeps its data in. */
  dir: string;
  /** Port of this machine, on 127.0.0.1. */
  port: number;
  /** What runs in it; /data is the directory, /redis-start.sh the start script. */
  command: string[];
}

/**
 * Puts together the arguments of `docker run`.
 *
 * The container stays in the foreground: `docker` passes SIGTERM on to it, and its output is that of Redis. It runs as
 * this user, so that the files in the data directory stay this user's.
 *
 * @param options What to run.
 * @returns Arguments for the `docker` program.
 */
export function dockerRunArgs(options: ContainerOptions): string[] {
  const { name, dir, port, command } = options;
  return [
    "run",
    "--rm",
    `--name=${name}`,
    `--user=${Deno.uid()}:${Deno.gid()}`,
    `--publish=127.0.0.1:${port}:6379`,
    `--volume=${dir}:/data`,
    `--volume=${START_SCRIPT}:/redis-start.sh:ro`,
    IMAGE,
    ...command,
  ];
}

/**
 * Sends a signal to a container. `docker run` cannot be asked: SIGKILL would end only the client.
 *
 * @param client Path of the `docker` program.
 * @param name The container's name.
 * @param signal The signal.
 */
export async function signalContainer(
  client: string,
  name: string,
  signal: Deno.Signal,
): Promise<void> {
  await new Deno.Command(client, {
    args: ["kill", "--signal", signal, name],
    stdout: "null",
    stderr: "null",
  }).output();
}
