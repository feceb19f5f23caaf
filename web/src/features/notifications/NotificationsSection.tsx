import { Button, SegmentedControl, Stack, Switch, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Notifications } from "../../app/notifying";
import { useValue } from "../../design/useValue";

const SHOWS = ["sender", "nothing"] as const;
const FOR_A_THUMB = { body: { minHeight: 44, alignItems: "center" } };

/** What is told of new messages on this device. */
export function NotificationsSection({ notifications }: { notifications: Notifications }) {
  const { t } = useTranslation();
  const { isOn, hasSound, shows } = useValue(notifications.wishes);
  const permission = useValue(notifications.permission);
  return (
    <Stack component="section" gap="xs" aria-labelledby="notifications-title">
      <Title order={2} size="h5" id="notifications-title">
        {t("notifications.title")}
      </Title>
      <Switch
        styles={FOR_A_THUMB}
        size="md"
        label={t("notifications.on")}
        checked={isOn}
        onChange={(event) => notifications.change({ isOn: event.currentTarget.checked })}
      />
      {isOn && permission !== "granted" && <Permission notifications={notifications} />}
      <Switch
        styles={FOR_A_THUMB}
        size="md"
        label={t("notifications.sound")}
        checked={hasSound}
        disabled={!isOn}
        onChange={(event) => notifications.change({ hasSound: event.currentTarget.checked })}
      />
      <Text size="sm" id="notifications-shows">
        {t("notifications.shows")}
      </Text>
      <SegmentedControl
        size="md"
        aria-labelledby="notifications-shows"
        value={shows}
        data={SHOWS.map((value) => ({ value, label: t(`notifications.${value}`) }))}
        disabled={!isOn}
        onChange={(value) => notifications.change({ shows: value as (typeof SHOWS)[number] })}
      />
      <Button variant="default" size="md" onClick={notifications.test} disabled={!isOn}>
        {t("notifications.test")}
      </Button>
      <Closed notifications={notifications} />
    </Stack>
  );
}

/** Whether the browser lets anything be shown, and what to do where it does not. */
function Permission({ notifications }: { notifications: Notifications }) {
  const { t } = useTranslation();
  const permission = useValue(notifications.permission);
  if (permission === "default") {
    return (
      <Button size="md" onClick={notifications.allow}>
        {t("notifications.allow")}
      </Button>
    );
  }
  return (
    <Text size="sm" c="dimmed" role="status">
      {t(permission === "denied" ? "notifications.denied" : "notifications.unsupported")}
    </Text>
  );
}

/** Whether this device rings while the client is closed, in one sentence. */
function Closed({ notifications }: { notifications: Notifications }) {
  const { t } = useTranslation();
  const ringing = useValue(notifications.ringing.state);
  if (ringing === "unknown") return null;
  return (
    <Text size="sm" c="dimmed" role="status">
      {t(`notifications.closed.${ringing}`)}
    </Text>
  );
}
