/** The camera, looked through until it sees a QR code. */
import jsQR from "jsqr";

const EACH_MS = 150;
// Enough for the pictures that are shown, and quick on an old phone.
const WIDEST = 640;

/** Whether this device may have a camera at all. */
export function hasCamera(): boolean {
  return typeof navigator.mediaDevices?.getUserMedia === "function";
}

export class Scanner {
  private stream: MediaStream | undefined;
  private timer: ReturnType<typeof setInterval> | undefined;
  private isStopped = false;

  constructor(private readonly seen: (picture: readonly number[], text: string) => void) {}

  /** Show what the camera sees, and look for a code in it, until one is seen; throws where there is no camera to use. */
  async start(video: HTMLVideoElement): Promise<void> {
    this.stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    if (this.isStopped) return this.stop();
    video.srcObject = this.stream;
    await video.play().catch(() => undefined);
    const canvas = document.createElement("canvas");
    this.timer = setInterval(() => this.look(video, canvas), EACH_MS);
  }

  stop(): void {
    this.isStopped = true;
    clearInterval(this.timer);
    for (const track of this.stream?.getTracks() ?? []) track.stop();
  }

  private look(video: HTMLVideoElement, canvas: HTMLCanvasElement): void {
    const { videoWidth, videoHeight } = video;
    if (videoWidth === 0) return;
    const scale = Math.min(1, WIDEST / videoWidth);
    canvas.width = Math.round(videoWidth * scale);
    canvas.height = Math.round(videoHeight * scale);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    if (context === null) return;
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    const { data: pixels } = context.getImageData(0, 0, canvas.width, canvas.height);
    const code = jsQR(pixels, canvas.width, canvas.height, { inversionAttempts: "dontInvert" });
    if (code === null) return;
    this.stop();
    this.seen(code.binaryData, code.data);
  }
}
