import { Modal, Stack, Text } from "@mantine/core";
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { useValue } from "../../design/useValue";
import { PinPad } from "./PinPad";
import type { SetPinModel } from "./setPinState";

interface Props {
  isOpen: boolean;
  close: () => void;
  model: SetPinModel;
}

/** Asks for a new PIN, twice. */
export function SetPin({ isOpen, close, model }: Props) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={isOpen}
      onClose={close}
      title={t("ward.setPin")}
      closeButtonProps={{ "aria-label": t("app.close"), size: 44 }}
      centered
    >
      {isOpen && <Asking model={model} />}
    </Modal>
  );
}

function Asking({ model }: { model: SetPinModel }) {
  const { t } = useTranslation();
  const { step, pin, trouble } = useValue(model.state);
  const [erase] = useState(() => () => model.erase());
  const press = useCallback((digit: string) => model.press(digit), [model]);
  return (
    <Stack>
      <Text ta="center">{t(`ward.step.${step}`)}</Text>
      <Text role="alert" ta="center" mih="1.6em" fw={600}>
        {trouble && t(`ward.pinTrouble.${trouble}`)}
      </Text>
      <PinPad count={pin.length} isDisabled={step === "setting"} press={press} erase={erase} />
    </Stack>
  );
}
