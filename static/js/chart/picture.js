/* Makes a PNG of the picture that the server draws as SVG, so that both show the same. */
const SCALE = 2;

export const picture = async (link) => {
  const words = link.textContent;
  try {
    const image = new Image();
    image.src = link.href;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth * SCALE;
    canvas.height = image.naturalHeight * SCALE;
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => { canvas.toBlob(done, "image/png"); });
    const address = URL.createObjectURL(blob);
    const save = document.createElement("a");
    save.href = address;
    save.download = link.dataset.png;
    save.click();
    setTimeout(() => URL.revokeObjectURL(address), 60000);
    link.textContent = words;
  } catch {
    link.textContent = `${words} could not be made, take the SVG`;
  }
};
