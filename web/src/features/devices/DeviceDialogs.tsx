import { Alert, Button, Group, Modal, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Device } from "../../matrix/devices";
import type { DevicesModel, Outcome } from "./devicesState";

const NAME_LENGTH = 60;

interface Props {
  model: DevicesModel;
  close: () => void;
}

export function RenameDialog({ model, device, close }: Props & { device: Device }) {
  const { t } = useTranslation();
  const [name, setName] = useState(device.name);
  return (
    <Asking title={t("devices.rename")} submit={t("devices.save")} act={() => model.rename(device, name)} close={close}>
      <TextInput
        size="md"
        label={t("devices.name")}
        placeholder={t("devices.nameExample")}
        value={name}
        maxLength={NAME_LENGTH}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
      />
    </Asking>
  );
}

export function EndDialog({ model, devices, close }: Props & { devices: readonly Device[] }) {
  const { t } = useTranslation();
  const [password, setPassword] = useState("");
  const [only] = devices.length === 1 ? devices : [];
  const question =
    only === undefined ? t("devices.endMany", { count: devices.length }) : t("devices.endOne", { name: only.name });
  return (
    <Asking title={t("devices.end")} submit={t("devices.end")} act={() => model.end(devices, password)} close={close}>
      <Text>{question}</Text>
      <PasswordInput
        size="md"
        label={t("signIn.password")}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        autoComplete="current-password"
        visibilityToggleButtonProps={{ "aria-label": t("signIn.show") }}
        required
        data-autofocus
      />
    </Asking>
  );
}

interface AskingProps {
  title: string;
  submit: string;
  act: () => Promise<Outcome>;
  close: () => void;
  children: ReactNode;
}

/** A question that stays until it was answered with success, or left. */
function Asking({ title, submit, act, close, children }: AskingProps) {
  const { t } = useTranslation();
  const [isWorking, setIsWorking] = useState(false);
  const [trouble, setTrouble] = useState<Exclude<Outcome, "done">>();
  const submitted = async (event: FormEvent) => {
    event.preventDefault();
    setIsWorking(true);
    setTrouble(undefined);
    const outcome = await act();
    setIsWorking(false);
    if (outcome === "done") close();
    else setTrouble(outcome);
  };
  return (
    <Modal
      opened
      onClose={close}
      title={title}
      centered
      closeButtonProps={{ "aria-label": t("settings.cancel"), size: 44 }}
    >
      <Stack component="form" onSubmit={submitted}>
        {children}
        {trouble && (
          <Alert color="orange" role="alert">
            {t(`devices.${trouble}`)}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="default" size="md" onClick={close}>
            {t("settings.cancel")}
          </Button>
          <Button type="submit" size="md" loading={isWorking}>
            {submit}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
