import { Alert, Button, Group, PasswordInput, Text } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useValue } from "../../design/useValue";
import type { Keys } from "../../matrix/keys";
import { UnlockModel } from "./unlockState";

/** Everything is open here; the present password is asked for so that it will be on the next device too. */
export function BindNote({ keys }: { keys: Keys }) {
  const { t } = useTranslation();
  const isWanted = useValue(keys.wantsPassword);
  const isReady = useValue(keys.state) === "ready";
  const [model] = useState(
    () =>
      new UnlockModel({
        knowsPassword: keys.knowsPassword,
        unlockWith: async (typed) => ((await keys.bind(typed)) ? "opened" : "wrong"),
        unlockWithCard: async () => false,
      }),
  );
  const state = useValue(model.state);
  const [typed, setTyped] = useState("");
  if (!isWanted || !isReady) return null;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (await model.submit(typed)) setTyped("");
  };
  const trouble = {
    asking: undefined,
    working: undefined,
    wrong: t("keys.trouble.wrong"),
    failed: t("keys.unlockFailed"),
  };
  return (
    <Alert component="form" color="accent" radius={0} onSubmit={submit}>
      <Text size="sm" mb="xs">
        {t("keys.bindWhy")}
      </Text>
      <Group align="start" gap="sm" maw={640}>
        <PasswordInput
          className="grow"
          size="md"
          aria-label={t("keys.unlockPresent")}
          placeholder={t("keys.unlockPresent")}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          error={trouble[state]}
          autoComplete="current-password"
          visibilityToggleButtonProps={{ "aria-label": t("keys.show") }}
          required
        />
        <Button variant="subtle" size="md" onClick={() => keys.postpone()}>
          {t("keys.later")}
        </Button>
        <Button type="submit" size="md" loading={state === "working"}>
          {t("keys.bind")}
        </Button>
      </Group>
    </Alert>
  );
}
