import { Alert, Button, Stack, Text } from "@mantine/core";
import { IconBell } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Loaded } from "../../design/Loaded";
import type { Item } from "../../matrix/item";
import type { AckList } from "../../matrix/traces";
import { shortTime } from "../../platform/time";
import type { Conversation } from "../../state/conversation";
import { Panel } from "./Panel";
import { PersonRow } from "./PersonRow";

interface Props {
  conversation: Conversation;
  item: Item;
  close: () => void;
}

/** Who has answered 收到 and who has not, and a tap that reminds them. */
export function AcksPanel({ conversation, item, close }: Props) {
  const { t } = useTranslation();
  const acks = useQuery({
    queryKey: ["acks", item.eventId, item.acknowledgement?.acked.length],
    queryFn: () => conversation.acks(item),
    gcTime: 0,
  });
  return (
    <Panel title={t("conversation.acks.title")} close={close}>
      <Loaded query={acks}>
        {(list) => (
          <Stack gap="lg">
            {item.isOwn && list.missing.length > 0 && <Remind conversation={conversation} item={item} />}
            <Answers conversation={conversation} list={list} />
          </Stack>
        )}
      </Loaded>
    </Panel>
  );
}

function Answers({ conversation, list }: { conversation: Conversation; list: AckList }) {
  const { t, i18n } = useTranslation();
  const missing = t("conversation.acks.missing", { count: list.missing.length });
  const acked = t("conversation.acks.acked", { count: list.acked.length });
  return (
    <>
      <section aria-label={missing}>
        <Text fw={600}>{missing}</Text>
        {list.missing.map((userId) => (
          <PersonRow key={userId} name={conversation.nameOf(userId)} note="" />
        ))}
      </section>
      <section aria-label={acked}>
        <Text fw={600}>{acked}</Text>
        {list.acked.map(({ user_id, at }) => (
          <PersonRow
            key={user_id}
            name={conversation.nameOf(user_id)}
            note={shortTime(at, Date.now(), i18n.language)}
          />
        ))}
      </section>
    </>
  );
}

function Remind({ conversation, item }: { conversation: Conversation; item: Item }) {
  const { t } = useTranslation();
  const [state, setState] = useState<"idle" | "asking" | "reminded" | "tooSoon" | "refused">("idle");
  const remind = async () => {
    setState("asking");
    const refusal = await conversation.remind(item);
    if (refusal === undefined) return setState("reminded");
    setState(refusal === "tooSoon" ? "tooSoon" : "refused");
  };
  return (
    <>
      <Button size="md" leftSection={<IconBell size={18} aria-hidden />} loading={state === "asking"} onClick={remind}>
        {t("conversation.acks.remind")}
      </Button>
      {state !== "idle" && state !== "asking" && (
        <Alert color={state === "reminded" ? "accent" : "orange"} role="status">
          {t(`conversation.acks.${state}`)}
        </Alert>
      )}
    </>
  );
}
