import { Badge, Button, Group, Loader, Stack, Text, Title } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useValue } from "../../design/useValue";
import { type Device, Devices } from "../../matrix/devices";
import type { Session } from "../../matrix/session";
import { ago } from "../../platform/time";
import { EndDialog, RenameDialog } from "./DeviceDialogs";
import { DevicesModel } from "./devicesState";

type Asking = { kind: "rename"; device: Device } | { kind: "end"; devices: readonly Device[] } | undefined;

/** Where the person is signed in, and the way out of what they do not use or know. */
export function DevicesSection({ session }: { session: Session }) {
  const { t } = useTranslation();
  const [model] = useState(() => new DevicesModel(new Devices(session.client)));
  const [asking, ask] = useState<Asking>();
  useValue(model.state);
  useEffect(() => {
    model.load();
  }, [model]);
  const close = () => ask(undefined);
  return (
    <Stack component="section" gap="xs" aria-labelledby="devices-title">
      <Title order={2} size="h5" id="devices-title">
        {t("devices.title")}
      </Title>
      <List model={model} ask={ask} />
      {model.others.length > 1 && (
        <Button variant="default" size="md" onClick={() => ask({ kind: "end", devices: model.others })}>
          {t("devices.endOthers")}
        </Button>
      )}
      {asking?.kind === "rename" && <RenameDialog model={model} device={asking.device} close={close} />}
      {asking?.kind === "end" && <EndDialog model={model} devices={asking.devices} close={close} />}
    </Stack>
  );
}

function List({ model, ask }: { model: DevicesModel; ask: (asking: Asking) => void }) {
  const { t } = useTranslation();
  const state = useValue(model.state);
  switch (state.kind) {
    case "loading":
      return <Loader size="sm" aria-label={t("devices.loading")} />;
    case "failed":
      return (
        <Group>
          <Text c="dimmed">{t("devices.failed")}</Text>
          <Button variant="default" size="md" onClick={() => model.load()}>
            {t("app.retry")}
          </Button>
        </Group>
      );
    case "loaded":
      return state.devices.map((device) => <Row key={device.deviceId} device={device} ask={ask} />);
  }
}

function Row({ device, ask }: { device: Device; ask: (asking: Asking) => void }) {
  const { t, i18n } = useTranslation();
  const { name, lastSeenAt, isOwn, isSigned } = device;
  const seen = lastSeenAt === undefined ? t("devices.neverSeen") : ago(lastSeenAt, Date.now(), i18n.language);
  return (
    <Group wrap="nowrap" justify="space-between" role="group" aria-label={name}>
      <div className="grow">
        <Text truncate>{name}</Text>
        <Group gap={6}>
          {isOwn && <Badge variant="light">{t("devices.own")}</Badge>}
          <Text size="sm" c="dimmed">
            {t("devices.seen", { ago: seen })} · {t(isSigned ? "devices.signed" : "devices.unsigned")}
          </Text>
        </Group>
      </div>
      <Group gap={4} wrap="nowrap">
        <Button variant="subtle" size="md" px="xs" onClick={() => ask({ kind: "rename", device })}>
          {t("devices.rename")}
        </Button>
        {!isOwn && (
          <Button variant="subtle" size="md" px="xs" onClick={() => ask({ kind: "end", devices: [device] })}>
            {t("devices.end")}
          </Button>
        )}
      </Group>
    </Group>
  );
}
