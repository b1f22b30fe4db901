/**
 * Why an address cannot be listened on.
 *
 * @module
 */

/**
 * Says why, and which setting changes it.
 *
 * @param error What listening failed with.
 * @param address The address and the port.
 * @param variable The environment variable that sets the port.
 * @returns A sentence or two.
 */
export function listenError(
  error: unknown,
  { HOST, PORT }: { HOST: string; PORT: number },
  variable = "PORT",
): string {
  if (error instanceof Deno.errors.AddrInUse) {
    return `Port ${PORT} is taken. Stop what uses it, or set ${variable} to another one.`;
  }
  const { message } = error as Error;
  if (
    error instanceof Deno.errors.AddrNotAvailable ||
    // A name that nobody knows, and what can be no name.
    message.startsWith("failed to lookup") || error instanceof URIError
  ) {
    return `HOST ${HOST} is not an address of this machine. Use 0.0.0.0 for all of them or 127.0.0.1 for this machine alone.`;
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return `Port ${PORT} may not be opened by this user. Set ${variable} to one above 1023.`;
  }
  return `Cannot listen on ${HOST}:${PORT}: ${message}`;
}
