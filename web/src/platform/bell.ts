/** A short sound of two tones, made here: no file is loaded for it. */

const TONES_HZ = [880, 1175];
const TONE_S = 0.12;
const LOUDNESS = 0.15;

let context: AudioContext | undefined;

/** Silent where the browser lets no page sound before somebody has touched it. */
export async function ring(): Promise<void> {
  context ??= new AudioContext();
  await context.resume();
  TONES_HZ.forEach((tone, place) => {
    if (context !== undefined) sound(context, tone, context.currentTime + place * TONE_S);
  });
}

function sound(context: AudioContext, frequency: number, from: number): void {
  const oscillator = new OscillatorNode(context, { frequency });
  const gain = new GainNode(context, { gain: 0 });
  // A tone that begins or ends at once clicks.
  gain.gain.setValueAtTime(0, from);
  gain.gain.linearRampToValueAtTime(LOUDNESS, from + 0.02);
  gain.gain.linearRampToValueAtTime(0, from + TONE_S);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(from);
  oscillator.stop(from + TONE_S);
}
