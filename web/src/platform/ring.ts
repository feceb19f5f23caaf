/** The sound of something critical: three rising tones, made here so that no file can be missing. */

const TONES_HZ = [660, 880, 1100];
const TONE_S = 0.18;
const GAP_S = 0.06;

export class Bell {
  private context: AudioContext | undefined;

  /** Ring once; false where the browser lets no page sound that nobody has touched yet. */
  ring(): boolean {
    this.context ??= new AudioContext();
    if (this.context.state === "suspended") {
      this.context.resume().catch(() => undefined);
      return false;
    }
    for (const [at, frequency] of TONES_HZ.entries()) this.tone(this.context, frequency, at * (TONE_S + GAP_S));
    return true;
  }

  close(): void {
    this.context?.close().catch(() => undefined);
    this.context = undefined;
  }

  private tone(context: AudioContext, frequency: number, after: number): void {
    const [oscillator, gain] = [context.createOscillator(), context.createGain()];
    const start = context.currentTime + after;
    oscillator.frequency.value = frequency;
    gain.gain.setValueAtTime(0.4, start);
    gain.gain.exponentialRampToValueAtTime(0.001, start + TONE_S);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(start);
    oscillator.stop(start + TONE_S);
  }
}
