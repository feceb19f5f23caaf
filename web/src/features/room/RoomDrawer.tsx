import { Alert, Button, Drawer, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useValue } from "../../design/useValue";
import type { RoomDetails, RoomFacts } from "../../matrix/groups";
import type { Staff } from "../../matrix/staff";
import { Describe } from "./Describe";
import { Members } from "./Members";
import { type Chosen, PeoplePicker } from "./PeoplePicker";

interface Props {
  roomId: string;
  details: RoomDetails;
  staff: Staff;
  isOpen: boolean;
  close: () => void;
  left: () => void;
}

/** Everything about a room: what it is called, who is in it, who may do what, and the way out. */
export function RoomDrawer({ isOpen, close, ...props }: Props) {
  const { t } = useTranslation();
  return (
    <Drawer
      opened={isOpen}
      onClose={close}
      position="right"
      size="sm"
      title={t("room.details")}
      closeButtonProps={{ "aria-label": t("room.close"), size: 44 }}
    >
      <Details {...props} />
    </Drawer>
  );
}

function Details({ roomId, details, staff, left }: Omit<Props, "isOpen" | "close">) {
  const { t } = useTranslation();
  const facts = useValue(details);
  const [isRefused, setIsRefused] = useState(false);
  useEffect(() => {
    details.loadMembers().catch(() => setIsRefused(true));
  }, [details]);
  const attempt = (work: Promise<void>) => {
    setIsRefused(false);
    return work.catch(() => setIsRefused(true));
  };
  return (
    <Stack>
      {facts.followsDirectory && (
        <Text size="sm">{t(`room.follows.${facts.kind === "department" ? "department" : "everybody"}`)}</Text>
      )}
      {isRefused && (
        <Alert color="orange" role="alert">
          {t("room.notDone")}
        </Alert>
      )}
      {facts.kind !== "direct" && (
        <Describe key={facts.name + facts.topic} details={details} facts={facts} attempt={attempt} />
      )}
      {facts.kind === "department" && <NotYetReachable roomId={roomId} staff={staff} />}
      {facts.mayAdd && <Add details={details} facts={facts} staff={staff} attempt={attempt} />}
      <Members details={details} facts={facts} attempt={attempt} />
      {!facts.followsDirectory && <Leave leave={() => attempt(details.leave().then(left))} />}
    </Stack>
  );
}

function NotYetReachable({ roomId, staff }: { roomId: string; staff: Staff }) {
  const { t } = useTranslation();
  const query = useQuery({ queryKey: ["reachability", roomId], queryFn: () => staff.notYetReachable(roomId) });
  const count = query.data?.length ?? 0;
  return count === 0 ? null : <Text size="sm">{t("room.notYetReachable", { count })}</Text>;
}

interface AddProps {
  details: RoomDetails;
  facts: RoomFacts;
  staff: Staff;
  attempt: (work: Promise<void>) => Promise<void>;
}

function Add({ details, facts, staff, attempt }: AddProps) {
  const { t } = useTranslation();
  const [isChoosing, setIsChoosing] = useState(false);
  const [chosen, setChosen] = useState<readonly Chosen[]>([]);
  const add = () =>
    attempt(
      details.add(chosen.map((each) => each.userId)).then(() => {
        setChosen([]);
        setIsChoosing(false);
      }),
    );
  if (!isChoosing) {
    return (
      <Button variant="light" size="md" onClick={() => setIsChoosing(true)}>
        {t("room.add")}
      </Button>
    );
  }
  return (
    <Stack gap="sm">
      <PeoplePicker
        staff={staff}
        without={facts.members.map((member) => member.userId)}
        chosen={chosen}
        choose={setChosen}
      />
      <Button size="md" disabled={chosen.length === 0} onClick={add}>
        {t("room.addChosen", { count: chosen.length })}
      </Button>
    </Stack>
  );
}

function Leave({ leave }: { leave: () => void }) {
  const { t } = useTranslation();
  const [isAsking, setIsAsking] = useState(false);
  if (!isAsking) {
    return (
      <Button variant="default" size="md" onClick={() => setIsAsking(true)}>
        {t("room.leave")}
      </Button>
    );
  }
  return (
    <Stack gap="xs">
      <Text size="sm">{t("room.leaveQuestion")}</Text>
      <Button color="orange" autoContrast size="md" onClick={leave}>
        {t("room.leaveYes")}
      </Button>
      <Button variant="default" size="md" onClick={() => setIsAsking(false)}>
        {t("room.stay")}
      </Button>
    </Stack>
  );
}
