import { useState } from "react";
import type { Session } from "../../matrix/session";
import { SetPinModel } from "./setPinState";

/** What the dialog for a new PIN needs, and how it is opened. */
export function useSetPin(session: Session) {
  const [isOpen, setIsOpen] = useState(false);
  const close = () => setIsOpen(false);
  const [model] = useState(
    () => new SetPinModel(session.client.getSafeUserId(), (pin) => session.lock.setPin(pin), close),
  );
  const open = () => {
    model.begin();
    setIsOpen(true);
  };
  return { dialog: { isOpen, close, model }, open };
}
