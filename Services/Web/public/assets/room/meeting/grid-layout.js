// @ts-check

/** What most cameras send. */
const idealRatio = 16 / 9;
/** A picture may be cropped within these, to fill the space better. */
const narrowestRatio = 0.75;
const widestRatio = 2;
/** The least useful width of a tile, in CSS pixels. */
const leastWidth = 150;

/**
 * @typedef {{ columns: number, rows: number, width: number, height: number }} Grid
 */

/**
 * How to put tiles into a space so that they are as large as possible.
 *
 * @param {number} count At least 1.
 * @param {number} width CSS pixels of the space.
 * @param {number} height
 * @param {number} gap CSS pixels between tiles.
 * @returns {Grid}
 */
export function fitGrid(count, width, height, gap) {
    /** @type {Grid} */
    let best = { columns: 1, rows: count, width: 0, height: 0 };
    let bestValue = -1;
    for (let columns = 1; columns <= count; columns++) {
        const rows = Math.ceil(count / columns);
        const grid = { columns, rows, ...cell((width - gap * (columns - 1)) / columns, (height - gap * (rows - 1)) / rows) };
        const value = worth(grid, count);
        if (value > bestValue) [best, bestValue] = [grid, value];
    }
    return best;
}

/**
 * How many tiles of useful size fit on one page.
 *
 * @param {number} width
 * @param {number} height
 * @param {number} gap
 * @param {number} most
 */
export function pageCapacity(width, height, gap, most) {
    const columns = Math.max(1, Math.floor((width + gap) / (leastWidth + gap)));
    const rows = Math.max(1, Math.floor((height + gap) / (leastWidth / idealRatio + 30 + gap)));
    return Math.max(1, Math.min(most, columns * rows));
}

/**
 * The largest tile of a tolerable shape within a cell.
 *
 * @param {number} width
 * @param {number} height
 */
function cell(width, height) {
    return {
        width: Math.floor(Math.max(0, Math.min(width, height * widestRatio))),
        height: Math.floor(Math.max(0, Math.min(height, width / narrowestRatio))),
    };
}

/**
 * The area that a picture of the ideal shape would fill, less what stays empty in the last row.
 *
 * @param {Grid} grid
 * @param {number} count
 */
function worth({ columns, rows, width, height }, count) {
    const picture = Math.min(width, height * idealRatio) * Math.min(height, width / idealRatio);
    const empty = columns * rows - count;
    return picture * (1 - 0.04 * empty) + width * height * 0.15;
}
