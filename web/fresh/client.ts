/**
 * Wakes the islands of a page up: the entry of the bundles.
 *
 * @module
 */
import { type ComponentType, h, render } from "preact";
import { deserialize } from "./deserialize.ts";

/**
 * Finds the comments that the server put around each island and renders the component in their place.
 *
 * @param islands The islands of this page by name
 * @param props What `serialize()` wrote: the props of each, in order
 */
export function boot(
  // deno-lint-ignore no-explicit-any
  islands: Record<string, ComponentType<any>>,
  props: string,
) {
  const all = deserialize(props) as Record<string, unknown>[];
  for (const { name, index, start, end } of findIslands(document.body)) {
    const wake = () =>
      render(h(islands[name], all[index]), between(start, end));
    // Each in a task of its own, so that many islands do not hold up a click.
    setTimeout(wake, 0);
  }
}

interface Found {
  name: string;
  index: number;
  start: Comment;
  end: Comment;
}

function findIslands(root: Node): Found[] {
  const found: Found[] = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_COMMENT);
  let open: Comment | null = null;
  while (walker.nextNode()) {
    const node = walker.currentNode as Comment;
    if (node.data.startsWith("frsh:island:")) open = node;
    else if (node.data === "/frsh:island" && open !== null) {
      const [, , name, index] = open.data.split(":");
      found.push({ name, index: Number(index), start: open, end: node });
      open = null;
    }
  }
  return found;
}

/** Several islands may share a parent, so preact gets what lies between two comments as if it were an element. */
function between(start: Comment, end: Comment): Element {
  const parent = start.parentNode!;
  const childNodes = () => {
    const nodes: ChildNode[] = [];
    for (
      let n = start.nextSibling;
      n !== null && n !== end;
      n = n.nextSibling
    ) nodes.push(n);
    return nodes;
  };
  const container = {
    nodeType: 1,
    parentNode: parent,
    nextSibling: null,
    namespaceURI: (parent as Element).namespaceURI,
    ownerDocument: document,
    get firstChild() {
      return start.nextSibling === end ? null : start.nextSibling;
    },
    get childNodes() {
      return childNodes();
    },
    contains: (node: Node) =>
      childNodes().some((child) => child.contains(node)),
    insertBefore: (node: Node, before: Node | null) =>
      parent.insertBefore(node, before ?? end),
    appendChild: (node: Node) => parent.insertBefore(node, end),
    removeChild: (node: Node) => parent.removeChild(node),
  };
  return container as unknown as Element;
}
