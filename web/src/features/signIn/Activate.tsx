import { Anchor, Button, Paper, PasswordInput, Stack, TextInput, Title } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useValue } from "../../design/useValue";
import { type ActivateModel, slipIn } from "./activateState";
import styles from "./SignIn.module.css";
import { TroubleNote } from "./TroubleNote";

interface Props {
  model: ActivateModel;
  place: string;
  activated: (number: string, password: string) => void;
}

/** The first sign-in: the code from the slip, and a password of one's own. */
export function Activate({ model, place, activated }: Props) {
  const { t } = useTranslation();
  const { isWorking, trouble } = useValue(model.state);
  const [typed, setTyped] = useState(() => ({ ...slipIn(place), password: "", again: "" }));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (await model.submit(typed)) activated(typed.number, typed.password);
  };
  const field = (name: keyof typeof typed) => ({
    value: typed[name],
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setTyped((before) => ({ ...before, [name]: value }));
    },
    size: "md" as const,
    required: true,
  });
  const toggle = { "aria-label": t("signIn.show") };
  return (
    <main className={styles.page}>
      <Paper component="form" onSubmit={submit} p="xl" withBorder w={360} maw="100%">
        <Stack>
          <Title order={1} size="h3">
            {t("signIn.activateTitle")}
          </Title>
          <TextInput label={t("signIn.number")} autoComplete="username" {...field("number")} />
          <TextInput label={t("signIn.code")} autoComplete="one-time-code" {...field("code")} />
          <PasswordInput
            label={t("signIn.newPassword")}
            autoComplete="new-password"
            visibilityToggleButtonProps={toggle}
            {...field("password")}
          />
          <PasswordInput
            label={t("signIn.again")}
            autoComplete="new-password"
            visibilityToggleButtonProps={toggle}
            {...field("again")}
          />
          {trouble && <TroubleNote trouble={trouble} />}
          <Button type="submit" size="md" loading={isWorking}>
            {t("signIn.activate")}
          </Button>
          <Anchor href="#/" className={styles.link ?? ""}>
            {t("signIn.back")}
          </Anchor>
        </Stack>
      </Paper>
    </main>
  );
}
