import { Alert, Button, Group, PasswordInput, Text } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useValue } from "../../design/useValue";
import type { UnlockModel } from "./unlockState";

/** Asks for the password of before, while everything else goes on. */
export function UnlockNote({ model }: { model: UnlockModel }) {
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
    <Alert component="form" color="orange" radius={0} onSubmit={submit}>
      <Text size="sm" mb="xs">
        {t(knowsPassword ? "keys.unlockWhy" : "keys.unlockWhyPresent")}
      </Text>
      <Group align="start" gap="sm" wrap="nowrap">
        <PasswordInput
          className="grow"
          size="md"
          aria-label={label}
          placeholder={label}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          error={trouble[state]}
          autoComplete="off"
          visibilityToggleButtonProps={{ "aria-label": t("keys.show") }}
          required
        />
        <Button type="submit" size="md" loading={state === "working"}>
          {t("keys.unlock")}
        </Button>
      </Group>
    </Alert>
  );
}
