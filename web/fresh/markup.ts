/**
 * Small decisions of the renderer about single elements.
 *
 * @module
 */
import type { VNode } from "preact";

/** As in Fresh: a link to this page, or to one above it, says so. */
// deno-lint-ignore no-explicit-any
export function markCurrent(pathname: string, props: any) {
  if (typeof props.href !== "string" || !props.href.startsWith("/")) return;
  const trim = (path: string) =>
    path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
  const target = trim(props.href.split(/[?#]/, 1)[0]);
  const here = trim(pathname);
  if (target === here) {
    props["data-current"] = "true";
    props["aria-current"] = "page";
  } else if (target === "/" || here.startsWith(target + "/")) {
    props["data-ancestor"] = "true";
    props["aria-current"] = "true";
  }
}

/** What makes two elements of a document's head the same one. */
export function headKey(vnode: VNode, tag: string): string {
  if (vnode.key !== undefined && vnode.key !== null) return String(vnode.key);
  if (tag === "title") return tag;
  const parts = Object.entries(vnode.props as Record<string, unknown>)
    .filter(([name]) =>
      name !== "children" && name !== "nonce" && name !== "ref"
    )
    // Two `meta` of one name are the same one, whatever they say.
    .filter(([name]) => tag !== "meta" || name !== "content")
    .map(([name, value]) =>
      `${name}=${
        name === "dangerouslySetInnerHTML" ? JSON.stringify(value) : value
      }`
    );
  return [tag, ...parts.sort()].join("::");
}

/** `</script>` and `<!--` in a string would end or swallow the script. */
export function escapeScript(json: string): string {
  return json.replaceAll("<", "\\u003c").replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
}
