/** A voice message being recorded. */

const TYPES = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];

export interface Recorded {
  blob: Blob;
  durationMs: number;
}

export class Recording {
  private readonly chunks: Blob[] = [];

  private constructor(
    private readonly recorder: MediaRecorder,
    private readonly startedAt: number,
  ) {
    recorder.ondataavailable = ({ data }) => this.chunks.push(data);
    recorder.start();
  }

  /** Begin, once the person has allowed the microphone; throws where they have not, or where there is none. */
  static async start(): Promise<Recording> {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type)) ?? "";
    return new Recording(new MediaRecorder(stream, { mimeType }), performance.now());
  }

  async finish(): Promise<Recorded> {
    const durationMs = Math.round(performance.now() - this.startedAt);
    const ended = new Promise((resolve) => this.recorder.addEventListener("stop", resolve, { once: true }));
    this.cancel();
    await ended;
    const [type = ""] = this.recorder.mimeType.split(";");
    return { blob: new Blob(this.chunks, { type }), durationMs };
  }

  /** End without keeping anything; the microphone is free again. */
  cancel(): void {
    if (this.recorder.state !== "inactive") this.recorder.stop();
    for (const track of this.recorder.stream.getTracks()) track.stop();
  }
}
