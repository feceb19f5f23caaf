import { Button, Stack, Text, TextInput, Title } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { RoomDetails, RoomFacts } from "../../matrix/groups";

interface Props {
  details: RoomDetails;
  facts: RoomFacts;
  attempt: (work: Promise<void>) => Promise<void>;
}

/** What the room is called and is about; to be changed by whoever may. */
export function Describe({ details, facts, attempt }: Props) {
  const { t } = useTranslation();
  const [name, setName] = useState(facts.name);
  const [topic, setTopic] = useState(facts.topic);
  if (!facts.mayDescribe) {
    return (
      <div>
        <Title order={3} size="h5">
          {facts.name}
        </Title>
        {facts.topic !== "" && <Text size="sm">{facts.topic}</Text>}
      </div>
    );
  }
  const isChanged = name.trim() !== facts.name || topic.trim() !== facts.topic;
  const save = async (): Promise<void> => {
    if (name.trim() !== facts.name) await details.rename(name.trim());
    if (topic.trim() !== facts.topic) await details.describe(topic.trim());
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    attempt(save());
  };
  return (
    <Stack gap="xs" component="form" onSubmit={submit}>
      <TextInput
        size="md"
        label={t("room.name")}
        maxLength={60}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextInput
        size="md"
        label={t("room.topic")}
        maxLength={200}
        value={topic}
        onChange={(event) => setTopic(event.currentTarget.value)}
      />
      {isChanged && (
        <Button type="submit" size="md" disabled={name.trim() === ""}>
          {t("room.save")}
        </Button>
      )}
    </Stack>
  );
}
