import { Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Loaded } from "../../design/Loaded";
import type { Item } from "../../matrix/item";
import type { Recipient } from "../../matrix/traces";
import { shortTime } from "../../platform/time";
import type { Conversation } from "../../state/conversation";
import { Panel } from "./Panel";
import { PersonRow } from "./PersonRow";

interface Props {
  conversation: Conversation;
  item: Item;
  close: () => void;
}

/** Who has read a message and when, and who has not. */
export function ReadersPanel({ conversation, item, close }: Props) {
  const { t } = useTranslation();
  const trace = useQuery({
    queryKey: ["trace", item.eventId, item.readers.length],
    queryFn: () => conversation.trace(item),
    gcTime: 0,
  });
  return (
    <Panel title={t("conversation.readers.title")} close={close}>
      <Loaded query={trace}>
        {({ recipients }) => <Recipients conversation={conversation} recipients={recipients} />}
      </Loaded>
    </Panel>
  );
}

function Recipients({ conversation, recipients }: { conversation: Conversation; recipients: readonly Recipient[] }) {
  const { t, i18n } = useTranslation();
  const read = recipients.filter((each) => each.read !== null).sort((a, b) => (a.read?.at ?? 0) - (b.read?.at ?? 0));
  const unread = recipients.filter((each) => each.read === null);
  if (recipients.length === 0) return <Text c="dimmed">{t("conversation.readers.nobody")}</Text>;
  return (
    <Stack gap="lg">
      {unread.length > 0 && (
        <section aria-label={t("conversation.readers.unread", { count: unread.length })}>
          <Text fw={600}>{t("conversation.readers.unread", { count: unread.length })}</Text>
          {unread.map((each) => (
            <PersonRow
              key={each.user_id}
              name={conversation.nameOf(each.user_id)}
              note={t(`conversation.readers.${reachOf(each)}`)}
            />
          ))}
        </section>
      )}
      <section aria-label={t("conversation.readers.read", { count: read.length })}>
        <Text fw={600}>{t("conversation.readers.read", { count: read.length })}</Text>
        {read.map((each) => (
          <PersonRow
            key={each.user_id}
            name={conversation.nameOf(each.user_id)}
            note={shortTime(each.read?.at ?? 0, Date.now(), i18n.language)}
          />
        ))}
      </section>
    </Stack>
  );
}

function reachOf({ no_device, delivered }: Recipient) {
  if (delivered.length > 0) return "delivered";
  return no_device ? "noDevice" : "notDelivered";
}
