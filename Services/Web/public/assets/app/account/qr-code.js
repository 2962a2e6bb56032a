// @ts-check
// A QR code as a drawing: always dark on white, since not every camera reads it the other way round.

const svgNamespace = "http://www.w3.org/2000/svg";
/** Modules that must stay empty around it (ISO/IEC 18004, 9.1). */
export const quietZone = 4;

/**
 * The dark modules as one path: each run of a row is a rectangle.
 * @param {readonly string[]} rows `1` is dark
 */
export function qrPath(rows) {
    const run = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ length) =>
        `M${x + quietZone} ${y + quietZone}h${length}v1h-${length}z`;
    return rows.flatMap((row, y) => [...row.matchAll(/1+/g)].map(({ index = 0, 0: text = "" }) => run(index, y, text.length))).join("");
}

/**
 * Units of each side, with the quiet zone.
 * @param {readonly string[]} rows
 */
export function qrSide(rows) {
    return rows.length + 2 * quietZone;
}

/**
 * @param {readonly string[]} rows
 * @param {string} label what it is, for who can't see it
 */
export function qrCode(rows, label) {
    const side = qrSide(rows);
    const svg = element("svg", { viewBox: `0 0 ${side} ${side}`, class: "qr-code", role: "img", "aria-label": label, "shape-rendering": "crispEdges" });
    svg.append(element("rect", { width: String(side), height: String(side), fill: "#ffffff" }), element("path", { d: qrPath(rows), fill: "#000000" }));
    return svg;
}

/**
 * @param {string} name
 * @param {Record<string, string>} attributes
 */
function element(name, attributes) {
    const node = document.createElementNS(svgNamespace, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    return node;
}
