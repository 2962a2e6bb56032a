// @ts-check
// Elements without markup strings. Texts and attributes given as functions follow the language of the page.
import { onLanguageChange } from "./i18n.js";
import { shapes } from "./icons.js";

/** @typedef {string | number | null | undefined | false | Node | (() => string)} Part */
/** @typedef {Part | Part[]} Child */
/** @typedef {Record<string, any>} Properties */

const svgNamespace = "http://www.w3.org/2000/svg";
/** These mean something else as attributes. */
const ownProperties = new Set(["value", "checked", "selected", "muted", "srcObject", "indeterminate", "defaultValue"]);

/**
 * What to set again in a node when the language changes.
 * @type {WeakMap<Node, (() => void)[]>}
 */
const updates = new WeakMap();
/** @type {Set<WeakRef<Node>>} */
const bound = new Set();
const collected = new FinalizationRegistry((/** @type {WeakRef<Node>} */ reference) => void bound.delete(reference));

onLanguageChange(() => {
    for (const reference of bound) {
        const node = reference.deref();
        for (const update of (node && updates.get(node)) ?? []) update();
    }
});

/**
 * Runs `update` now and after each change of the language, for as long as the node lives.
 * @param {Node} node
 * @param {() => void} update
 */
export function follow(node, update) {
    update();
    const known = updates.get(node);
    if (known) {
        known.push(update);
        return;
    }
    updates.set(node, [update]);
    const reference = new WeakRef(node);
    bound.add(reference);
    collected.register(node, reference);
}

/**
 * Builds an element.
 *
 * Properties: `class` (text or list), `on…` (listener), `dataset`, `style` (objects), booleans (attribute there or not; `aria-*` spelled
 * out), a function returning a string (follows the language), anything else as attribute. `null`, `undefined` and `false` are left out.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Properties | null} [properties]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, properties, ...children) {
    const element = document.createElement(tag);
    if (properties) set(element, properties);
    append(element, ...children);
    return element;
}

/**
 * Sets properties of an element, as `h` does.
 * @param {Element} element
 * @param {Properties} properties
 */
export function set(element, properties) {
    for (const [name, value] of Object.entries(properties)) setOne(element, name, value);
}

/**
 * @param {Element} element
 * @param {string} name
 * @param {any} value
 */
function setOne(element, name, value) {
    if (name.startsWith("on")) {
        if (value) element.addEventListener(name.slice(2), value);
    } else if (name === "class") {
        element.setAttribute("class", Array.isArray(value) ? value.filter(Boolean).join(" ") : value ?? "");
    } else if (name === "dataset") {
        for (const [key, entry] of Object.entries(value)) setOne(element, `data-${kebab(key)}`, entry);
    } else if (name === "style") {
        const { style } = /** @type {HTMLElement} */ (element);
        for (const [key, entry] of Object.entries(value)) style.setProperty(kebab(key), entry == null ? "" : String(entry));
    } else if (typeof value === "function") {
        follow(element, () => element.setAttribute(name, value()));
    } else if (ownProperties.has(name)) {
        /** @type {any} */ (element)[name] = value ?? "";
    } else {
        setAttribute(element, name, value);
    }
}

/**
 * @param {Element} element
 * @param {string} name
 * @param {unknown} value
 */
function setAttribute(element, name, value) {
    const spelledOut = name.startsWith("aria-") && typeof value === "boolean";
    if (value === null || value === undefined || (value === false && !spelledOut)) return element.removeAttribute(name);
    element.setAttribute(name, value === true && !spelledOut ? "" : String(value));
}

/** @param {string} name */
function kebab(name) {
    return name.startsWith("--") ? name : name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/**
 * @param {Node} parent
 * @param {...Child} children
 */
export function append(parent, ...children) {
    for (const child of children.flat()) {
        const node = toNode(child);
        if (node) parent.appendChild(node);
    }
}

/**
 * Replaces everything in `parent`.
 * @param {Element} parent
 * @param {...Child} children
 */
export function mount(parent, ...children) {
    parent.replaceChildren();
    append(parent, ...children);
}

/**
 * Sets an element's text; a function follows the language.
 * @param {Element} element
 * @param {string | (() => string) | null} text
 */
export function setText(element, text) {
    // Unchanged text is left alone: screen readers announce every change in live regions.
    if (typeof text === "string" && element.childNodes.length === 1 && element.textContent === text) return;
    mount(element, text);
}

/**
 * @param {Part} part
 * @returns {Node | null}
 */
function toNode(part) {
    if (part === null || part === undefined || part === false) return null;
    if (part instanceof Node) return part;
    if (typeof part !== "function") return document.createTextNode(String(part));
    const text = document.createTextNode("");
    follow(text, () => {
        text.data = part();
    });
    return text;
}

/** @typedef {keyof typeof shapes} IconName */

/**
 * An icon of 24 units, drawn in the colour of the text, silent for screen readers.
 * @param {IconName} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
    const svg = document.createElementNS(svgNamespace, "svg");
    for (const [key, value] of [["viewBox", "0 0 24 24"], ["class", "icon"], ["aria-hidden", "true"], ["focusable", "false"]]) {
        svg.setAttribute(String(key), String(value));
    }
    for (const shape of shapes[name]) {
        const path = document.createElementNS(svgNamespace, "path");
        const filled = shape.startsWith("!");
        path.setAttribute("d", filled ? shape.slice(1) : shape);
        path.setAttribute("class", filled ? "icon-fill" : "icon-line");
        svg.append(path);
    }
    return svg;
}

/**
 * Text for screen readers only.
 * @param {...Child} children
 */
export function hidden(...children) {
    return h("span", { class: "visually-hidden" }, ...children);
}

let counter = 0;
/**
 * A new id, for `aria-describedby` and its like.
 * @param {string} prefix
 */
export function newID(prefix) {
    counter += 1;
    return `${prefix}-${counter}`;
}
