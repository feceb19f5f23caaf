import { Anchor, Button, PasswordInput, Stack, Text, Title } from "@mantine/core";
import { type FormEvent, useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { useValue } from "../../design/useValue";
import type { KnownPerson } from "../../matrix/knownPeople";
import type { LockModel, LockTrouble } from "./lockState";
import { PinPad } from "./PinPad";
import { WhoIsHere } from "./WhoIsHere";

interface Props {
  model: LockModel;
  /** What is asked where nobody has been chosen yet. */
  title: string;
  people: readonly KnownPerson[];
  someoneElse: () => void;
}

/** Whose desk it is to be, and what opens it. */
export function Unlock({ model, title, people, someoneElse }: Props) {
  const { t } = useTranslation();
  const { person } = useValue(model.state);
  if (person === undefined) {
    return (
      <WhoIsHere title={title} people={people} choose={(chosen) => model.choose(chosen)} someoneElse={someoneElse} />
    );
  }
  return (
    <Stack gap="sm" w={300} maw="100%">
      <Title order={2} size="h4" ta="center">
        {person.name}
      </Title>
      <Opening model={model} person={person} />
      <Anchor component="button" type="button" mih={44} onClick={() => model.choose(undefined)}>
        {t("ward.change")}
      </Anchor>
    </Stack>
  );
}

function Opening({ model, person }: { model: LockModel; person: KnownPerson }) {
  const { t } = useTranslation();
  const { means, pin, isWorking, trouble } = useValue(model.state);
  const press = useCallback((digit: string) => model.press(digit), [model]);
  const erase = useCallback(() => model.erase(), [model]);
  return (
    <>
      <Text role="alert" ta="center" mih="1.6em" fw={trouble ? 600 : 400}>
        {trouble ? <Trouble trouble={trouble} /> : t(isWorking ? "ward.working" : `ward.by.${means}`)}
      </Text>
      {means === "password" ? (
        <ByPassword model={model} isWorking={isWorking} />
      ) : (
        <PinPad count={pin.length} isDisabled={isWorking} press={press} erase={erase} />
      )}
      {person.byPin !== undefined && (
        <Anchor
          component="button"
          type="button"
          mih={44}
          onClick={() => (means === "pin" ? model.askPassword() : model.askPin())}
        >
          {t(means === "pin" ? "ward.usePassword" : "ward.usePin")}
        </Anchor>
      )}
    </>
  );
}

function ByPassword({ model, isWorking }: { model: LockModel; isWorking: boolean }) {
  const { t } = useTranslation();
  const [password, setPassword] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    model.submitPassword(password);
  };
  return (
    <Stack component="form" onSubmit={submit} gap="sm">
      <PasswordInput
        size="md"
        aria-label={t("ward.password")}
        placeholder={t("ward.password")}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        autoComplete="current-password"
        visibilityToggleButtonProps={{ "aria-label": t("ward.show") }}
        required
        autoFocus
      />
      <Button type="submit" size="md" loading={isWorking}>
        {t("ward.unlock")}
      </Button>
    </Stack>
  );
}

function Trouble({ trouble }: { trouble: LockTrouble }) {
  const { t } = useTranslation();
  if (trouble.kind === "wrongPin") return t("ward.trouble.wrongPin", { count: trouble.triesLeft });
  return t(`ward.trouble.${trouble.kind}`);
}
