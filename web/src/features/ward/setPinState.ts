/** The states of choosing a PIN: once, again, being set. */
import { Cell } from "../../platform/value";
import { isGuessable, PIN_DIGITS, type PinFault } from "./pin";

export interface SetPinState {
  step: "first" | "again" | "setting";
  pin: string;
  trouble: PinFault | "failed" | undefined;
}

const BEGIN: SetPinState = { step: "first", pin: "", trouble: undefined };

export class SetPinModel {
  readonly state = new Cell<SetPinState>(BEGIN);
  private first = "";

  constructor(
    private readonly userId: string,
    private readonly set: (pin: string) => Promise<void>,
    private readonly done: () => void,
  ) {}

  begin(): void {
    this.first = "";
    this.state.set(BEGIN);
  }

  press(digit: string): void {
    const { step, pin } = this.state.get();
    if (step === "setting") return;
    const typed = pin + digit;
    this.state.update((state) => ({ ...state, pin: typed, trouble: undefined }));
    if (typed.length < PIN_DIGITS) return;
    if (step === "first") this.again(typed);
    else this.finish(typed).catch((fault) => this.failed(fault));
  }

  erase(): void {
    this.state.update((state) => ({ ...state, pin: state.pin.slice(0, -1) }));
  }

  private again(pin: string): void {
    const isRefused = isGuessable(pin, this.userId);
    this.first = isRefused ? "" : pin;
    this.state.set(isRefused ? { ...BEGIN, trouble: "guessable" } : { step: "again", pin: "", trouble: undefined });
  }

  private async finish(pin: string): Promise<void> {
    const isSame = pin === this.first;
    this.first = "";
    if (!isSame) return this.state.set({ ...BEGIN, trouble: "different" });
    this.state.set({ step: "setting", pin, trouble: undefined });
    await this.set(pin);
    this.state.set(BEGIN);
    this.done();
  }

  private failed(fault: unknown): void {
    console.warn("the PIN was not set", fault);
    this.state.set({ ...BEGIN, trouble: "failed" });
  }
}
