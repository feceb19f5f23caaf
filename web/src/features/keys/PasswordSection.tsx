import { Alert, Button, Group, PasswordInput, Stack, Text, Title } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useValue } from "../../design/useValue";
import type { Keys } from "../../matrix/keys";
import { PasswordModel } from "./passwordState";

const NOTHING = { present: "", next: "", again: "" };

/** Settings: the password, which can be changed without losing anything. */
export function PasswordSection({ keys }: { keys: Keys }) {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  const [model] = useState(() => new PasswordModel((present, next) => keys.changePassword(present, next)));
  const isReady = useValue(keys.state) === "ready";
  const { kind } = useValue(model.state);
  const open = () => {
    model.again();
    setIsOpen(true);
  };
  return (
    <Stack gap="xs" component="section" aria-labelledby="password">
      <Title order={2} size="h6" id="password">
        {t("keys.password")}
      </Title>
      {isOpen && <PasswordForm model={model} close={() => setIsOpen(false)} />}
      {!isOpen && kind === "done" && (
        <Alert color="accent" role="status">
          {t("keys.passwordChanged")}
        </Alert>
      )}
      {!isOpen && (
        <Button variant="default" size="md" onClick={open} disabled={!isReady}>
          {t("keys.changePassword")}
        </Button>
      )}
      {!isReady && (
        <Text size="sm" c="dimmed">
          {t("keys.afterUnlocking")}
        </Text>
      )}
    </Stack>
  );
}

function PasswordForm({ model, close }: { model: PasswordModel; close: () => void }) {
  const { t } = useTranslation();
  const { kind, trouble } = useValue(model.state);
  const [typed, setTyped] = useState(NOTHING);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!(await model.submit(typed))) return;
    setTyped(NOTHING);
    close();
  };
  const field = (name: keyof typeof typed) => ({
    value: typed[name],
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setTyped((before) => ({ ...before, [name]: value }));
    },
    size: "md" as const,
    required: true,
    withAsterisk: false,
    visibilityToggleButtonProps: { "aria-label": t("keys.show") },
  });
  return (
    <Stack component="form" onSubmit={submit} gap="sm">
      <PasswordInput label={t("keys.presentPassword")} autoComplete="current-password" {...field("present")} />
      <PasswordInput label={t("keys.nextPassword")} autoComplete="new-password" {...field("next")} />
      <PasswordInput label={t("keys.nextAgain")} autoComplete="new-password" {...field("again")} />
      {trouble !== undefined && (
        <Alert color="orange" role="alert">
          {t(`keys.trouble.${trouble}`)}
        </Alert>
      )}
      <Group justify="flex-end">
        <Button variant="default" size="md" onClick={close} disabled={kind === "working"}>
          {t("keys.cancel")}
        </Button>
        <Button type="submit" size="md" loading={kind === "working"}>
          {t("keys.changePassword")}
        </Button>
      </Group>
    </Stack>
  );
}
