import { ActionIcon, Badge, Group, Menu, Stack, Text, TextInput, Title } from "@mantine/core";
import { IconDots, IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { VList } from "virtua";
import { Portrait } from "../../design/Portrait";
import type { Member, RoomDetails, RoomFacts } from "../../matrix/groups";
import styles from "./RoomView.module.css";

// Fewer are seen at a glance.
const WORTH_SEARCHING = 8;

interface Props {
  details: RoomDetails;
  facts: RoomFacts;
  attempt: (work: Promise<void>) => Promise<void>;
}

/** Who is in the room, those who look after it first. */
export function Members({ details, facts, attempt }: Props) {
  const { t } = useTranslation();
  const [term, setTerm] = useState("");
  const shown = facts.members.filter((member) => member.name.includes(term.trim()));
  return (
    <Stack gap="xs">
      <Title order={3} size="h5">
        {t("room.members", { count: facts.members.length })}
      </Title>
      {facts.members.length > WORTH_SEARCHING && (
        <TextInput
          type="search"
          size="md"
          aria-label={t("room.memberSearch")}
          placeholder={t("room.memberSearch")}
          leftSection={<IconSearch size={18} aria-hidden />}
          value={term}
          onChange={(event) => setTerm(event.currentTarget.value)}
        />
      )}
      <VList className={styles.members ?? ""} style={{ height: Math.min(shown.length, 8) * 52 }}>
        {shown.map((member) => (
          <MemberLine key={member.userId} member={member} details={details} facts={facts} attempt={attempt} />
        ))}
      </VList>
    </Stack>
  );
}

function MemberLine({ member, details, facts, attempt }: Props & { member: Member }) {
  const { t } = useTranslation();
  const isOwn = member.userId === facts.ownId;
  return (
    <Group className={styles.member ?? ""} wrap="nowrap" gap="sm">
      <Portrait name={member.name} size={36} />
      <Text className="grow" truncate>
        {member.name}
      </Text>
      {member.isInvited && <Text size="xs">{t("room.invited")}</Text>}
      {member.isModerator && (
        <Badge size="md" variant="default">
          {t("room.moderator")}
        </Badge>
      )}
      {!isOwn && (facts.mayRemove || facts.mayAppoint) && !facts.followsDirectory && (
        <MemberMenu member={member} details={details} facts={facts} attempt={attempt} />
      )}
    </Group>
  );
}

function MemberMenu({ member, details, facts, attempt }: Props & { member: Member }) {
  const { t } = useTranslation();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon size={44} variant="subtle" color="gray" aria-label={t("room.memberActions", { name: member.name })}>
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {facts.mayAppoint && (
          <Menu.Item mih={44} onClick={() => attempt(details.appoint(member.userId, !member.isModerator))}>
            {member.isModerator ? t("room.dismiss") : t("room.appoint")}
          </Menu.Item>
        )}
        {facts.mayRemove && (
          <Menu.Item mih={44} onClick={() => attempt(details.remove(member.userId))}>
            {t("room.remove")}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
