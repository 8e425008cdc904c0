/** Converts the server's SVG into a PNG, so that both files show the same image. */
const SCALE = 2;
const LIFETIME = 60000; // milliseconds until the PNG is released from memory

/**
 * @param {string} address the URL of an SVG
 * @returns {Promise<Blob>}
 */
const renderPng = async (address) => {
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth * SCALE;
  canvas.height = image.naturalHeight * SCALE;
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The canvas is empty."))), "image/png");
  });
};

/**
 * Saves the SVG that a link points to as a PNG. If that fails, the link shows a message.
 *
 * @param {HTMLAnchorElement} link with the file's name in `data-png` and the message in `data-failure`
 */
export const savePng = async (link) => {
  try {
    const address = URL.createObjectURL(await renderPng(link.href));
    const download = document.createElement("a");
    download.href = address;
    download.download = link.dataset.png ?? "";
    download.click();
    setTimeout(() => URL.revokeObjectURL(address), LIFETIME);
  } catch {
    link.textContent = link.dataset.failure ?? "";
  }
};
