/**
 * Another environment, and programs that are not what they are called, for tests of what depends on the machine.
 *
 * @module
 */

/** Runs with other environment variables, and puts the old ones back. */
export async function withEnv<T>(
  env: Record<string, string | undefined>,
  body: () => Promise<T>,
): Promise<T> {
  const before = Object.keys(env).map((key) =>
    [key, Deno.env.get(key)] as const
  );
  const put = (key: string, value?: string) =>
    value === undefined ? Deno.env.delete(key) : Deno.env.set(key, value);
  for (const [key, value] of Object.entries(env)) put(key, value);
  try {
    return await body();
  } finally {
    for (const [key, value] of before) put(key, value);
  }
}

/** Writes a program that is a script of the shell. */
export async function fakeProgram(
  dir: string,
  name: string,
  script: string,
): Promise<string> {
  const path = `${dir}/${name}`;
  await Deno.writeTextFile(path, `#!/bin/sh\n${script}\n`);
  await Deno.chmod(path, 0o755);
  return path;
}
