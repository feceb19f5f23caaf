import { Button, Group, Radio, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, type SyntheticEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Card, CardAction } from "../../matrix/systemCard";
import type { CardPress } from "../../state/conversation";
import styles from "./Cards.module.css";
import type { ActionState } from "./cardState";

interface Props {
  card: Card;
  state: ActionState;
  press: (press: CardPress) => void;
}

/** The buttons of a card, or what became of the one that was pressed. */
export function CardActions({ card, state, press }: Props) {
  if (state.kind === "none") return null;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a slow finger on a button presses it, and opens no menu.
    <div className={styles.actions} onPointerDown={kept} onContextMenu={kept} onKeyDown={kept}>
      <Shown card={card} state={state} press={press} />
    </div>
  );
}

function kept(event: SyntheticEvent): void {
  event.stopPropagation();
}

function Shown({ card, state, press }: Props) {
  const { t } = useTranslation();
  switch (state.kind) {
    case "none":
      return null;
    case "preparing":
      return <Text size="sm">{t("cards.preparing")}</Text>;
    case "ready":
      return <Buttons card={card} press={press} />;
    case "refused":
      return (
        <Stack gap="xs">
          <Text role="alert" fw={600}>
            {state.text === "" ? t("cards.refused") : state.text}
          </Text>
          <Buttons card={card} press={press} />
        </Stack>
      );
    case "sending":
      return <Text role="status">{t("cards.sending")}</Text>;
    case "waiting":
      return <Text role="status">{t("cards.waiting")}</Text>;
    case "notSent":
      return <Again card={card} state={state} press={press} text={t("cards.notSent")} />;
    case "unconfirmed":
      return <Again card={card} state={state} press={press} text={unconfirmedText(card.phone, t)} />;
  }
}

function unconfirmedText(phone: string, t: ReturnType<typeof useTranslation>["t"]): string {
  return phone === "" ? t("cards.unconfirmed") : t("cards.unconfirmedCall", { phone });
}

interface AgainProps extends Props {
  state: ActionState & { kind: "notSent" | "unconfirmed" };
  text: string;
}

/** What was pressed did not get through: the same once more, or the telephone. */
function Again({ card, state, press, text }: AgainProps) {
  const { t } = useTranslation();
  return (
    <Stack gap="xs">
      <Text role="alert" fw={600}>
        {text}
      </Text>
      <Group gap="xs">
        <Button size="md" variant="default" onClick={() => press({ again: state.pressed })}>
          {t("cards.again")}
        </Button>
        {card.phone !== "" && (
          <Button size="md" variant="default" component="a" href={`tel:${encodeURIComponent(card.phone)}`}>
            {t("cards.call", { phone: card.phone })}
          </Button>
        )}
      </Group>
    </Stack>
  );
}

function Buttons({ card, press }: Omit<Props, "state">) {
  const [asking, setAsking] = useState<string>();
  const asked = card.actions.find(({ id }) => id === asking);
  const choose = (action: CardAction) => {
    if (action.input === null) press({ card, action, input: null });
    else setAsking(action.id);
  };
  if (asked?.input != null) {
    return (
      <InputForm
        key={asked.id}
        action={asked}
        submit={(input) => press({ card, action: asked, input })}
        leave={() => setAsking(undefined)}
      />
    );
  }
  return (
    <Group gap="xs">
      {card.actions.map((action, index) => (
        <Button
          key={action.id}
          size="md"
          variant={index === 0 ? "filled" : "default"}
          className={styles.button ?? ""}
          onClick={() => choose(action)}
        >
          {action.label}
        </Button>
      ))}
    </Group>
  );
}

const INPUT_CHARACTERS = 200;

interface FormProps {
  action: CardAction;
  submit: (input: string) => void;
  leave: () => void;
}

/** What an action asks for before it is one. */
function InputForm({ action, submit, leave }: FormProps) {
  const { t } = useTranslation();
  const [input, setInput] = useState("");
  const submitted = (event: FormEvent) => {
    event.preventDefault();
    if (input.trim() !== "") submit(input);
  };
  return (
    <form className={styles.form} onSubmit={submitted}>
      <Field action={action} input={input} change={setInput} />
      <Group gap="xs">
        <Button size="md" type="submit" disabled={input.trim() === ""}>
          {action.label}
        </Button>
        <Button size="md" variant="default" onClick={leave}>
          {t("cards.leave")}
        </Button>
      </Group>
    </form>
  );
}

function Field({ action, input, change }: { action: CardAction; input: string; change: (input: string) => void }) {
  const id = useId();
  if (action.input === null) return null;
  if (action.input.kind === "text") {
    return (
      <TextInput
        size="md"
        label={action.input.label}
        value={input}
        maxLength={INPUT_CHARACTERS}
        autoComplete="off"
        data-autofocus
        // Whoever has pressed the button goes on by writing.
        autoFocus
        onChange={(event) => change(event.currentTarget.value)}
      />
    );
  }
  return (
    <Radio.Group label={action.input.label} value={input} onChange={change}>
      {action.input.options.map(({ value, label }) => (
        <label key={value} htmlFor={`${id}${value}`} className={styles.option}>
          <Radio id={`${id}${value}`} value={value} />
          {label}
        </label>
      ))}
    </Radio.Group>
  );
}
