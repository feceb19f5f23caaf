/**
 * Two devices of one person meet: one shows a picture, the other scans it, and the one that has the keys hands them over.
 *
 * The picture holds a secret that only whoever has seen it can send back, and the older device shows it, or scans, only
 * after its owner has said so there. So nobody is asked a second time.
 */
import type { MatrixClient } from "matrix-js-sdk";
import {
  CryptoEvent,
  VerificationPhase,
  type VerificationRequest,
  VerificationRequestEvent,
} from "matrix-js-sdk/lib/crypto-api";
import { Cell, type Value } from "../platform/value";

/** `asked`: the other device has not answered yet; `met`: each may show and scan. */
export type MeetingState =
  | { kind: "asked" | "handing" | "done" | "ended" | "misread" }
  | { kind: "met"; picture: readonly number[] | undefined };

export class Meeting {
  readonly state: Value<MeetingState>;
  private readonly cell = new Cell<MeetingState>({ kind: "asked" });
  private picture: Promise<Uint8ClampedArray | undefined> | undefined;
  private isConfirmed = false;

  constructor(
    private readonly request: VerificationRequest,
    readonly otherName: string,
  ) {
    this.state = this.cell;
    request.on(VerificationRequestEvent.Change, this.changed);
    this.changed();
  }

  /** The owner has said that the new device is theirs. */
  accept(): Promise<void> {
    return this.request.accept();
  }

  /** Use what was scanned from the other device. */
  async scan(picture: readonly number[]): Promise<void> {
    try {
      const verifier = await this.request.scanQRCode(new Uint8ClampedArray(picture));
      this.cell.set({ kind: "handing" });
      await verifier.verify();
    } catch {
      if (this.request.pending) this.cell.set({ kind: "misread" });
    }
  }

  /** Go back to showing and scanning after a picture of something else. */
  again(): void {
    this.changed();
  }

  async leave(): Promise<void> {
    this.request.off(VerificationRequestEvent.Change, this.changed);
    if (this.request.pending) await this.request.cancel().catch(() => undefined);
  }

  private changed = (): void => {
    const { phase } = this.request;
    if (phase === VerificationPhase.Ready)
      this.show().catch((f) => {
        console.log("SHOW", String(f));
        this.cell.set({ kind: "ended" });
      });
    else if (phase === VerificationPhase.Started) this.confirm();
    else if (phase === VerificationPhase.Done) this.cell.set({ kind: "done" });
    else if (phase === VerificationPhase.Cancelled) this.cell.set({ kind: "ended" });
  };

  private async show(): Promise<void> {
    // Asked for twice, the SDK takes the first picture back, and with it the meeting.
    this.picture ??= this.request.generateQRCode();
    const picture = await this.picture;
    if (this.request.phase === VerificationPhase.Ready)
      this.cell.set({ kind: "met", picture: picture && [...picture] });
  }

  private confirm(): void {
    this.cell.set({ kind: "handing" });
    const scanned = this.request.verifier?.getReciprocateQrCodeCallbacks();
    if (this.isConfirmed || !scanned) return;
    this.isConfirmed = true;
    scanned.confirm();
  }
}

export class OwnDevices {
  /** A new device of the person that asks this one for the keys. */
  readonly asking: Value<Meeting | undefined>;
  private readonly cell = new Cell<Meeting | undefined>(undefined);

  constructor(private readonly client: MatrixClient) {
    this.asking = this.cell;
    client.on(CryptoEvent.VerificationRequestReceived, this.received);
  }

  /** Ask the person's other devices for the keys. */
  async ask(): Promise<Meeting> {
    const crypto = this.client.getCrypto();
    if (crypto === undefined) throw new Error("encryption has not been started");
    // Only an identity that was seen can be asked for.
    await crypto.userHasCrossSigningKeys(this.client.getSafeUserId(), true);
    return new Meeting(await crypto.requestOwnUserVerification(), "");
  }

  async leave(): Promise<void> {
    const meeting = this.cell.get();
    this.cell.set(undefined);
    await meeting?.leave();
  }

  private received = async (request: VerificationRequest): Promise<void> => {
    if (!request.isSelfVerification || request.initiatedByMe) return;
    // A device that is locked itself has nothing to give.
    if (!(await this.client.getCrypto()?.isCrossSigningReady())) return;
    const name = await this.nameOf(request.otherDeviceId).catch(() => undefined);
    await this.leave();
    this.cell.set(new Meeting(request, name ?? ""));
  };

  private async nameOf(deviceId: string | undefined): Promise<string | undefined> {
    const me = this.client.getSafeUserId();
    const devices = await this.client.getCrypto()?.getUserDeviceInfo([me], true);
    return devices?.get(me)?.get(deviceId ?? "")?.displayName;
  }
}
