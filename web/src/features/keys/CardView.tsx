import { Alert, Button, Group, Modal, PasswordInput, Stack, Text } from "@mantine/core";
import { type FormEvent, useEffect, useState } from "react";
import { createPortal } from "react-dom";
import { useTranslation } from "react-i18next";
import { useValue } from "../../design/useValue";
import type { Keys } from "../../matrix/keys";
import { CardModel, type CardState } from "./cardState";
import styles from "./Keys.module.css";
import { QrPicture } from "./QrPicture";

/** Whose card it is, as it stands on the paper. */
export interface Owner {
  hospital: string;
  name: string;
  number: string;
}

interface Props {
  keys: Keys;
  owner: Owner;
  /** What the card says, while it has just been made. */
  text?: string | undefined;
  close: () => void;
}

/** The card, once the password has been given; or another in its place. */
export default function CardView({ keys, owner, text, close }: Props) {
  const { t } = useTranslation();
  const [model] = useState(() => new CardModel(keys, text));
  const state = useValue(model.state);
  return (
    <Modal opened onClose={close} title={t("keys.card")} closeButtonProps={{ "aria-label": t("keys.close") }} centered>
      {state.kind === "shown" ? <Shown owner={owner} text={state.text} /> : <Asking model={model} state={state} />}
    </Modal>
  );
}

function Asking({ model, state }: { model: CardModel; state: CardState & { kind: "asking" | "working" } }) {
  const { t } = useTranslation();
  const [password, setPassword] = useState("");
  const [isReplacing, setIsReplacing] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void (isReplacing ? model.replace(password) : model.show(password));
  };
  return (
    <Stack component="form" onSubmit={submit}>
      <Text size="sm">{t(isReplacing ? "keys.replaceWhat" : "keys.cardAsk")}</Text>
      <PasswordInput
        label={t("keys.unlockPresent")}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        autoComplete="current-password"
        visibilityToggleButtonProps={{ "aria-label": t("keys.show") }}
        size="md"
        required
        withAsterisk={false}
      />
      {state.trouble !== undefined && (
        <Alert color="orange" role="alert">
          {t(`keys.trouble.${state.trouble}`)}
        </Alert>
      )}
      <Group justify="space-between">
        <Button variant="subtle" size="md" onClick={() => setIsReplacing(!isReplacing)}>
          {t(isReplacing ? "keys.replaceNot" : "keys.replace")}
        </Button>
        <Button type="submit" size="md" loading={state.kind === "working"}>
          {t(isReplacing ? "keys.replaceDo" : "keys.cardShow")}
        </Button>
      </Group>
    </Stack>
  );
}

function Shown({ owner, text }: { owner: Owner; text: string }) {
  const { t } = useTranslation();
  return (
    <Stack align="center">
      <Text size="sm">{t("keys.cardKeep")}</Text>
      <QrPicture content={text.replaceAll(" ", "")} label={t("keys.cardCode")} />
      <Groups text={text} />
      <Button size="md" onClick={() => window.print()} data-autofocus>
        {t("keys.print")}
      </Button>
      <Sheet owner={owner} text={text} />
    </Stack>
  );
}

/** The characters as they are typed: from left to right, four together. */
function Groups({ text }: { text: string }) {
  return (
    <div className={styles.groups} data-card>
      {text.split(" ").map((group, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: groups have no name but their place.
        <span key={at}>{group}</span>
      ))}
    </div>
  );
}

/** What comes out of the printer, beside the page and not in it. */
function Sheet({ owner, text }: { owner: Owner; text: string }) {
  const { t } = useTranslation();
  const [place] = useState(() => document.createElement("div"));
  useEffect(() => {
    place.className = styles.sheet ?? "";
    place.dataset.sheet = "";
    place.setAttribute("aria-hidden", "true");
    document.body.append(place);
    return () => place.remove();
  }, [place]);
  return createPortal(
    <div className={styles.paper}>
      <h1>{t("keys.card")}</h1>
      <p>
        {owner.hospital}
        <br />
        {t("keys.paperOwner", { name: owner.name, number: owner.number })}
      </p>
      <QrPicture content={text.replaceAll(" ", "")} label="" />
      <Groups text={text} />
      <p>{t("keys.paperHow")}</p>
    </div>,
    place,
  );
}
