import { Anchor, Button, Loader, Paper, PasswordInput, Stack, TextInput, Title } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useValue } from "../../design/useValue";
import styles from "./SignIn.module.css";
import type { SignInModel } from "./signInState";
import { TroubleNote } from "./TroubleNote";

export function SignIn({ model }: { model: SignInModel }) {
  const { t } = useTranslation();
  const { isWorking, isByLink, trouble } = useValue(model.state);
  const [number, setNumber] = useState("");
  const [password, setPassword] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    model.submit(number, password);
  };
  if (isByLink) return <Entering />;
  return (
    <main className={styles.page}>
      <Paper component="form" onSubmit={submit} p="xl" withBorder w={360} maw="100%">
        <Stack>
          <Title order={1} size="h3">
            {t("app.name")}
          </Title>
          <TextInput
            label={t("signIn.number")}
            value={number}
            onChange={(event) => setNumber(event.currentTarget.value)}
            size="md"
            autoComplete="username"
            required
            autoFocus
          />
          <PasswordInput
            label={t("signIn.password")}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            size="md"
            autoComplete="current-password"
            visibilityToggleButtonProps={{ "aria-label": t("signIn.show") }}
            required
          />
          {trouble && <TroubleNote trouble={trouble} />}
          <Button type="submit" size="md" loading={isWorking}>
            {isWorking ? t("signIn.working") : t("signIn.submit")}
          </Button>
          <Anchor href="#/activate" className={styles.link ?? ""}>
            {t("signIn.first")}
          </Anchor>
        </Stack>
      </Paper>
    </main>
  );
}

function Entering() {
  const { t } = useTranslation();
  return (
    <main className={styles.page}>
      <Loader aria-label={t("signIn.working")} />
    </main>
  );
}
