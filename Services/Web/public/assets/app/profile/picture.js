// @ts-check
// From a file that somebody chose to the small square that is sent.
import { limits } from "../../lib/limits.js";
import { halvings, middleSquare, pictureSide, smallEnough } from "./picture-rules.js";

/** The file is no picture that this browser reads. */
export class NoPicture extends Error {}

/**
 * @param {Blob} file
 * @returns {Promise<Blob>}
 */
export async function smallPicture(file) {
    const image = await createImageBitmap(file).catch(() => {
        throw new NoPicture();
    });
    try {
        const canvas = draw(image);
        const picture = await smallEnough((type, quality) => write(canvas, type, quality), limits.picture);
        if (!picture) throw new NoPicture();
        return picture;
    } finally {
        image.close();
    }
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {string} type
 * @param {number} quality
 * @returns {Promise<Blob | null>}
 */
function write(canvas, type, quality) {
    return new Promise((resolve) => canvas.toBlob(resolve, type, quality));
}

/** @param {ImageBitmap} image */
function draw(image) {
    const { x, y, side } = middleSquare(image.width, image.height);
    let canvas = square(side > 2 * pictureSide ? Math.ceil(side / 2) : pictureSide, image, x, y, side);
    for (const size of halvings(canvas.width, pictureSide)) {
        if (size !== canvas.width) canvas = square(size, canvas, 0, 0, canvas.width);
    }
    return canvas;
}

/**
 * @param {number} size
 * @param {CanvasImageSource} source
 * @param {number} x
 * @param {number} y
 * @param {number} side
 */
function square(size, source, x, y, side) {
    const canvas = document.createElement("canvas");
    canvas.width = size;
    canvas.height = size;
    const context = canvas.getContext("2d");
    if (!context) throw new NoPicture();
    context.imageSmoothingQuality = "high";
    // What is transparent would become black.
    context.fillStyle = "#ffffff";
    context.fillRect(0, 0, size, size);
    context.drawImage(source, x, y, side, side, 0, 0, size, size);
    return canvas;
}
