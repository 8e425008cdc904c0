/** Saves the SVG that the server draws as a PNG, so that both files show the same image. */
const SCALE = 2;
const LIFETIME = 60000; // milliseconds for which the file can be saved

/**
 * @param {string} address of an SVG
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
 * Saves the PNG of a link to an SVG; the link says so if that fails.
 *
 * @param {HTMLAnchorElement} link with the file's name in `data-png`
 */
export const savePng = async (link) => {
  const text = link.textContent;
  try {
    const address = URL.createObjectURL(await renderPng(link.href));
    const download = document.createElement("a");
    download.href = address;
    download.download = link.dataset.png ?? "";
    download.click();
    setTimeout(() => URL.revokeObjectURL(address), LIFETIME);
  } catch {
    link.textContent = `${text} could not be made, take the SVG`;
  }
};
