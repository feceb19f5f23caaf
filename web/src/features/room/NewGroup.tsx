import { Alert, Button, Modal, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Staff } from "../../matrix/staff";
import { type Chosen, PeoplePicker } from "./PeoplePicker";

interface Props {
  staff: Staff;
  ownId: string;
  isOpen: boolean;
  close: () => void;
  make: (name: string, userIds: readonly string[]) => Promise<void>;
}

export function NewGroup({ isOpen, close, ...props }: Props) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={isOpen}
      onClose={close}
      title={t("room.newGroup")}
      closeButtonProps={{ "aria-label": t("room.close"), size: 44 }}
    >
      <Form close={close} {...props} />
    </Modal>
  );
}

function Form({ staff, ownId, make, close }: Omit<Props, "isOpen">) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState<readonly Chosen[]>([]);
  const [state, setState] = useState<"idle" | "making" | "failed">("idle");
  // A group that nobody named is called by who is in it, as people would.
  const usualName = chosen
    .slice(0, 3)
    .map((each) => each.name)
    .join("、");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setState("making");
    make(
      name.trim() || usualName,
      chosen.map((each) => each.userId),
    ).then(close, () => setState("failed"));
  };
  return (
    <Stack component="form" onSubmit={submit}>
      <PeoplePicker staff={staff} without={[ownId]} chosen={chosen} choose={setChosen} />
      <TextInput
        size="md"
        label={t("room.groupName")}
        placeholder={usualName || t("room.groupNameExample")}
        maxLength={60}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      {state === "failed" && (
        <Alert color="orange" role="alert">
          {t("room.notDone")}
        </Alert>
      )}
      <Button type="submit" size="md" loading={state === "making"} disabled={chosen.length === 0}>
        {chosen.length === 0 ? t("room.chooseFirst") : t("room.make", { count: chosen.length + 1 })}
      </Button>
    </Stack>
  );
}
