/**
 * From JSX to a document: finds islands while rendering, gathers `<Head>`, and writes the script that wakes
 * the islands up.
 *
 * @module
 */
import { Fragment, h, options, type VNode } from "preact";
import { jsxTemplate } from "preact/jsx-runtime";
import { renderToString } from "preact-render-to-string";
import type { Build, Island } from "./build.ts";
import { Head } from "./head.ts";
import { escapeScript, headKey, markCurrent } from "./markup.ts";
import { serialize } from "./serialize.ts";

// deno-lint-ignore no-explicit-any
type AnyVNode = VNode<any>;

interface Rendering {
  pathname: string;
  build: Build | null;
  byComponent: Map<unknown, Island>;
  nonce: string;
  islands: Set<Island>;
  props: unknown[];
  /** Above 0 inside of an island: islands in islands belong to the outer one. */
  depth: number;
  /** Above 0 inside of `<Head>`. */
  head: number;
  headElements: Map<string, AnyVNode>;
  hasHtml: boolean;
  hasHead: boolean;
  hasBody: boolean;
}

/** Rendering is synchronous, so that one at a time is under way. */
let current: Rendering | null = null;

/** Nodes that a wrapper made: rendered as they are. */
const passed = new WeakSet<AnyVNode>();

const registries = new WeakMap<Build, Map<unknown, Island>>();

function registryOf(build: Build | null): Map<unknown, Island> {
  if (build === null) return new Map();
  let registry = registries.get(build);
  if (registry === undefined) {
    registry = new Map(build.islands.map((island) => [island.fn, island]));
    registries.set(build, registry);
  }
  return registry;
}

/**
 * Renders the page, then the app around it.
 *
 * @param url For the links to the current page
 * @param build Islands and the client entry
 * @param content The page inside of its layouts
 * @param app The app, or null
 * @param fill Called with the rendered page before the app is rendered
 */
export function renderDocument(
  url: URL,
  build: Build | null,
  content: AnyVNode | null,
  app: AnyVNode | null,
  fill: (ready: AnyVNode) => void,
): { html: string; nonce: string; links: string } {
  const rendering: Rendering = {
    pathname: url.pathname,
    build,
    byComponent: registryOf(build),
    // Not randomUUID, which other runtimes than Deno keep from insecure contexts.
    nonce: btoa(
      String.fromCharCode(...crypto.getRandomValues(new Uint8Array(18))),
    ),
    islands: new Set(),
    props: [],
    depth: 0,
    head: 0,
    headElements: new Map(),
    hasHtml: false,
    hasHead: false,
    hasBody: false,
  };
  current = rendering;
  try {
    let html = renderToString(content ?? h(Fragment, null));
    if (app !== null) {
      fill(raw(html));
      html = renderToString(app);
    }
    if (!rendering.hasBody) html = renderToString(h("body", null, raw(html)));
    if (!rendering.hasHead) {
      html = renderToString(h("head", null, h("meta", { charset: "utf-8" }))) +
        html;
    }
    if (!rendering.hasHtml) html = `<html>${html}</html>`;
    return {
      html: `<!DOCTYPE html>${html}`,
      nonce: rendering.nonce,
      links: preloads(rendering),
    };
  } finally {
    current = null;
  }
}

function raw(html: string): AnyVNode {
  return jsxTemplate([html]) as AnyVNode;
}

function needsClient({ islands, build }: Rendering): boolean {
  return build !== null && (islands.size > 0 || build.mode === "development");
}

function preloads(rendering: Rendering): string {
  if (!needsClient(rendering)) return "";
  const files = [
    rendering.build!.clientEntry,
    ...[...rendering.islands].map((i) => i.file),
  ];
  return [...new Set(files)].map((file) =>
    `<${file}>; rel="modulepreload"; as="script"`
  ).join(", ");
}

// preact's own names for the moments before and after a node is rendered.
const hooks = options as unknown as Record<
  string,
  ((vnode: AnyVNode) => void) | undefined
>;

const before = hooks.__b;
hooks.__b = (vnode) => {
  if (current !== null) enter(current, vnode);
  before?.(vnode);
};

const after = hooks.diffed;
hooks.diffed = (vnode) => {
  if (current !== null) {
    if (vnode.type === Head) current.head--;
    else if (typeof vnode.type === "function" && passed.has(vnode)) {
      current.depth--;
    }
  }
  after?.(vnode);
};

function enter(state: Rendering, vnode: AnyVNode) {
  if (typeof vnode.type === "string") {
    return enterElement(state, vnode, vnode.type);
  }
  if (typeof vnode.type !== "function" || vnode.type === Fragment) return;
  if (passed.has(vnode)) state.depth++;
  else if (vnode.type === Head) state.head++;
  else if (state.depth === 0) {
    const island = state.byComponent.get(vnode.type);
    if (island !== undefined) wrapIsland(state, vnode, island);
  }
}

/** Puts comments around the island, by which the browser finds it again. */
function wrapIsland(state: Rendering, vnode: AnyVNode, island: Island) {
  const original = vnode.type;
  const { key } = vnode;
  // deno-lint-ignore no-explicit-any
  (vnode as any).type = (props: Record<string, unknown>) => {
    if (props.children !== undefined) {
      throw new TypeError(
        `The island ${island.name} got children: an island takes plain data only`,
      );
    }
    state.islands.add(island);
    const index = state.props.push(props) - 1;
    // deno-lint-ignore no-explicit-any
    const child = h(original as any, props);
    passed.add(child);
    return h(
      Fragment,
      null,
      comment(`frsh:island:${island.name}:${index}:${key ?? ""}`),
      child,
      comment("/frsh:island"),
    );
  };
}

function comment(text: string): AnyVNode {
  // deno-lint-ignore no-explicit-any
  return h(Fragment, { UNSTABLE_comment: text } as any);
}

function enterElement(state: Rendering, vnode: AnyVNode, tag: string) {
  const { props } = vnode;
  switch (tag) {
    case "html":
      state.hasHtml = true;
      return;
    case "head":
      state.hasHead = true;
      props.children = [props.children, h(RestOfHead, null)];
      return;
    case "body":
      state.hasBody = true;
      props.children = [props.children, h(Scripts, null)];
      return;
    case "a":
      return markCurrent(state.pathname, props);
    case "script":
    case "style":
      props.nonce ??= state.nonce;
  }
  if (HEAD_TAGS.has(tag) && !passed.has(vnode)) headElement(state, vnode, tag);
}

const HEAD_TAGS = new Set(["title", "meta", "link", "script", "style", "base"]);

/** Inside of `<Head>` an element is taken out; in the document's head a taken one replaces its like. */
function headElement(state: Rendering, vnode: AnyVNode, tag: string) {
  const key = headKey(vnode, tag);
  if (state.head > 0) {
    const kept = h(tag, vnode.props as Record<string, unknown>);
    passed.add(kept);
    state.headElements.set(key, kept);
    // deno-lint-ignore no-explicit-any
    (vnode as any).type = () => null;
    return;
  }
  const replacement = state.headElements.get(key);
  if (replacement === undefined) return;
  state.headElements.delete(key);
  // deno-lint-ignore no-explicit-any
  (vnode as any).type = () => replacement;
}

function RestOfHead() {
  return h(Fragment, null, [...current!.headElements.values()]);
}

/** The module that imports the islands of this page and hands them their props. */
function Scripts() {
  const state = current!;
  if (!needsClient(state)) return null;
  const names = [...state.islands].map((island) => island.name);
  const imports = [...state.islands].map(({ name, exportName, file }) =>
    `import{${exportName} as ${name}}from${JSON.stringify(file)};`
  );
  const code =
    `import{boot}from${JSON.stringify(state.build!.clientEntry)};${
      imports.join("")
    }` +
    `boot({${names.join(",")}},${
      escapeScript(JSON.stringify(serialize(state.props)))
    });`;
  const script = h("script", {
    type: "module",
    nonce: state.nonce,
    dangerouslySetInnerHTML: { __html: code },
  });
  passed.add(script);
  return script;
}
