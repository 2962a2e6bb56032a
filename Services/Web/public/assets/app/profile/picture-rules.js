// @ts-check
// How a picture is made small. Pure.

/** Pixels of each side of what is sent. */
export const pictureSide = 256;
/** From good to what still looks like somebody. */
export const qualities = Object.freeze([0.9, 0.8, 0.65, 0.5, 0.35]);

/**
 * The largest square in the middle.
 * @param {number} width
 * @param {number} height
 */
export function middleSquare(width, height) {
    const side = Math.min(width, height);
    return { x: Math.floor((width - side) / 2), y: Math.floor((height - side) / 2), side };
}

/**
 * Sizes on the way down, each at least half of the one before: browsers leave out pixels when they take larger steps.
 * @param {number} from
 * @param {number} to
 */
export function halvings(from, to) {
    const sizes = [];
    for (let size = from; size > 2 * to; ) {
        size = Math.ceil(size / 2);
        sizes.push(size);
    }
    return [...sizes, to];
}

/**
 * The best that is small enough, of the first kind that the browser can write.
 * @template {{ size: number, type: string }} Picture
 * @param {(type: string, quality: number) => Promise<Picture | null>} encode
 * @param {number} most bytes
 * @returns {Promise<Picture | null>}
 */
export async function smallEnough(encode, most) {
    for (const type of ["image/webp", "image/jpeg"]) {
        for (const quality of qualities) {
            const file = await encode(type, quality);
            // A browser that can't write a kind writes PNG in its place.
            if (file?.type !== type) break;
            if (file.size <= most) return file;
        }
    }
    return null;
}
