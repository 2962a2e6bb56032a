// @ts-check

/** What most cameras send. */
const idealRatio = 16 / 9;
/** A picture may be cropped within these, to fill the space better; more so in an upright space. */
const narrowestRatio = 1.15;
const narrowestUpright = 0.72;
const widestRatio = 2;
/** The least useful width of a tile, in CSS pixels. */
const leastWidth = 150;
const gap = 8;
/** Of the strip beside a shared screen, in CSS pixels. */
const strip = { width: 208, height: 117, phoneWidth: 116, phoneHeight: 87 };

/**
 * CSS pixels throughout.
 *
 * @typedef {{ x: number, y: number, width: number, height: number }} Rect
 * @typedef {{ screens: Rect[], tiles: Rect[], capacity: number }} Arrangement `capacity`: tiles of a page.
 */

/**
 * Where everything goes.
 *
 * @param {{ width: number, height: number, people: number, screens: number, most: number }} space `most`: tiles that
 *   a page may have.
 * @returns {Arrangement} As many tiles as there is room for.
 */
export function arrange({ width, height, people, screens, most }) {
    if (screens > 0) return arrangeWithScreens({ width, height, people, screens, most });
    const columns = Math.max(1, Math.floor((width + gap) / (leastWidth + gap)));
    const rows = Math.max(1, Math.floor((height + gap) / (leastWidth * 0.75 + gap)));
    const capacity = Math.max(1, Math.min(most, columns * rows));
    return { screens: [], tiles: fill(Math.min(people, capacity), { x: 0, y: 0, width, height }), capacity };
}

/**
 * @param {{ width: number, height: number, people: number, screens: number, most: number }} space
 * @returns {Arrangement}
 */
function arrangeWithScreens({ width, height, people, screens, most }) {
    const beside = width >= 640 && width > height;
    const tile = beside ? strip : { width: strip.phoneWidth, height: strip.phoneHeight };
    const length = beside ? height : width;
    const step = (beside ? tile.height : tile.width) + gap;
    const capacity = Math.max(1, Math.min(most, Math.floor((length + gap) / step)));
    const count = Math.min(people, capacity);
    const first = (length - count * step + gap) / 2;
    const tiles = Array.from({ length: count }, (_, index) => {
        const offset = Math.round(first + index * step);
        return beside
            ? { x: width - tile.width, y: offset, width: tile.width, height: tile.height }
            : { x: offset, y: height - tile.height, width: tile.width, height: tile.height };
    });
    const main = beside
        ? { x: 0, y: 0, width: width - tile.width - gap, height }
        : { x: 0, y: 0, width, height: height - tile.height - gap };
    return { screens: stack(screens, main), tiles, capacity };
}

/**
 * Screens share the space along its longer side.
 *
 * @param {number} count
 * @param {Rect} space
 * @returns {Rect[]}
 */
function stack(count, { x, y, width, height }) {
    const across = width >= height;
    const size = ((across ? width : height) - gap * (count - 1)) / count;
    return Array.from({ length: count }, (_, index) => {
        const offset = index * (size + gap);
        return across ? { x: x + offset, y, width: size, height } : { x, y: y + offset, width, height: size };
    });
}

/**
 * Tiles in rows, as large as possible, the last row in the middle.
 *
 * @param {number} count
 * @param {Rect} space
 * @returns {Rect[]}
 */
function fill(count, { x, y, width, height }) {
    if (count === 0) return [];
    const grid = fitGrid(count, width, height);
    const top = y + (height - grid.rows * (grid.height + gap) + gap) / 2;
    return Array.from({ length: count }, (_, index) => {
        const row = Math.floor(index / grid.columns);
        const inRow = Math.min(grid.columns, count - row * grid.columns);
        const left = x + (width - inRow * (grid.width + gap) + gap) / 2;
        return {
            x: Math.round(left + (index - row * grid.columns) * (grid.width + gap)),
            y: Math.round(top + row * (grid.height + gap)), width: grid.width, height: grid.height,
        };
    });
}

/**
 * @param {number} count At least 1.
 * @param {number} width
 * @param {number} height
 * @returns {{ columns: number, rows: number, width: number, height: number }}
 */
export function fitGrid(count, width, height) {
    let best = { columns: 1, rows: count, width: 0, height: 0 };
    let bestWorth = -1;
    const narrowest = width >= height ? narrowestRatio : narrowestUpright;
    for (let columns = 1; columns <= count; columns++) {
        const rows = Math.ceil(count / columns);
        const size = tileIn((width - gap * (columns - 1)) / columns, (height - gap * (rows - 1)) / rows, narrowest);
        const worth = worthOf(size) * (1 - 0.03 * (columns * rows - count));
        if (worth > bestWorth) [best, bestWorth] = [{ columns, rows, ...size }, worth];
    }
    return best;
}

/**
 * The largest tile of a tolerable shape within a cell.
 *
 * @param {number} width
 * @param {number} height
 * @param {number} narrowest The least width, as a multiple of the height.
 */
function tileIn(width, height, narrowest) {
    return {
        width: Math.floor(Math.max(0, Math.min(width, height * widestRatio))),
        height: Math.floor(Math.max(0, Math.min(height, width / narrowest))),
    };
}

/**
 * The area of an uncropped picture, and half of the area that is covered.
 *
 * @param {{ width: number, height: number }} size
 */
function worthOf({ width, height }) {
    const picture = Math.min(width, height * idealRatio) * Math.min(height, width / idealRatio);
    return picture + 0.5 * width * height;
}
