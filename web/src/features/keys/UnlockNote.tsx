import { Alert, Button, Group, PasswordInput, Text } from "@mantine/core";
import { type FormEvent, lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useValue } from "../../design/useValue";
import type { Meeting } from "../../matrix/ownDevices";
import type { UnlockModel } from "./unlockState";

const CardDialog = lazy(() => import("./CardDialog"));
const DeviceDialog = lazy(() => import("./DeviceDialog"));

interface Props {
  model: UnlockModel;
  ask: () => Promise<Meeting>;
  openedByDevice: () => Promise<void>;
}

/** Asks for what opens this device, while everything else goes on: a password, another device, or the card. */
export function UnlockNote({ model, ask, openedByDevice }: Props) {
  const { t } = useTranslation();
  const [way, setWay] = useState<"password" | "device" | "card">("password");
  const go = (next: "password" | "device" | "card") => {
    model.again();
    setWay(next);
  };
  const close = () => go("password");
  return (
    <Alert color="orange" radius={0}>
      <PasswordForm model={model} isShown={way === "password"} />
      <Group gap="sm" mt="xs">
        <Text size="sm">{t("keys.orElse")}</Text>
        <Button variant="default" size="md" onClick={() => go("device")}>
          {t("keys.byDevice")}
        </Button>
        <Button variant="default" size="md" onClick={() => go("card")}>
          {t("keys.byCard")}
        </Button>
      </Group>
      <Suspense>
        {way === "card" && <CardDialog model={model} close={close} />}
        {way === "device" && <DeviceDialog ask={ask} opened={openedByDevice} close={close} />}
      </Suspense>
    </Alert>
  );
}

function PasswordForm({ model, isShown }: { model: UnlockModel; isShown: boolean }) {
  const { t } = useTranslation();
  const state = useValue(model.state);
  const knowsPassword = useValue(model.knowsPassword);
  const [typed, setTyped] = useState("");
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (await model.submit(typed)) setTyped("");
  };
  const label = t(knowsPassword ? "keys.unlockPrevious" : "keys.unlockPresent");
  const trouble = {
    asking: undefined,
    working: undefined,
    wrong: t("keys.unlockWrong"),
    failed: t("keys.unlockFailed"),
  };
  return (
    <form onSubmit={submit}>
      <Text size="sm" mb="xs">
        {t(knowsPassword ? "keys.unlockWhy" : "keys.unlockWhyPresent")}
      </Text>
      <Group align="start" gap="sm" wrap="nowrap" maw={640}>
        <PasswordInput
          className="grow"
          size="md"
          aria-label={label}
          placeholder={label}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          error={isShown && trouble[state]}
          autoComplete="off"
          visibilityToggleButtonProps={{ "aria-label": t("keys.show") }}
          required
        />
        <Button type="submit" size="md" loading={isShown && state === "working"}>
          {t("keys.unlock")}
        </Button>
      </Group>
    </form>
  );
}
