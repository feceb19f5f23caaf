/** Pictures as they leave this device: drawn anew, so that nothing the camera wrote into the file goes along. */

const PICTURE = /^image\/(png|jpeg|webp|bmp|heic|heif|avif)$/;
const LONGEST_PX = 2560;
const THUMBNAIL_PX = 480;

export interface Picture {
  blob: Blob;
  width: number;
  height: number;
}

export function isPicture(file: Blob): boolean {
  return PICTURE.test(file.type);
}

/** Return a picture and a small one for the conversation; throws where the browser cannot read it. */
export async function redrawn(file: Blob): Promise<{ picture: Picture; thumbnail: Picture }> {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  try {
    // What is transparent or drawn in lines stays sharp; photographs stay small.
    const type = file.type === "image/png" ? "image/png" : "image/jpeg";
    return {
      picture: await drawn(bitmap, LONGEST_PX, type),
      thumbnail: await drawn(bitmap, THUMBNAIL_PX, "image/jpeg"),
    };
  } finally {
    bitmap.close();
  }
}

async function drawn(bitmap: ImageBitmap, longest: number, type: string): Promise<Picture> {
  const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("the browser draws no pictures");
  if (type === "image/jpeg") {
    context.fillStyle = "white";
    context.fillRect(0, 0, canvas.width, canvas.height);
  }
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, type, 0.88));
  if (blob === null) throw new Error("the picture could not be drawn");
  return { blob, width: canvas.width, height: canvas.height };
}
