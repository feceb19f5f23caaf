import { SegmentedControl, Stack, Text, Title, useMantineColorScheme } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { chooseLanguage, LANGUAGES, type Language } from "../../app/i18n";
import type { Notifications } from "../../app/notifying";
import type { Session } from "../../matrix/session";
import { chooseTextSize, storedTextSize, TEXT_SIZES, type TextSize } from "../../platform/textSize";
import { DevicesSection } from "../devices/DevicesSection";
import { CardSection } from "../keys/CardSection";
import { ownerOf } from "../keys/KeysNotes";
import { LeaveSection } from "../keys/LeaveSection";
import { PasswordSection } from "../keys/PasswordSection";
import { NotificationsSection } from "../notifications/NotificationsSection";
import { LockSection } from "../ward/LockSection";
import styles from "./Settings.module.css";

const LANGUAGE_NAMES: Record<Language, string> = { "zh-CN": "中文", en: "English" };
const SCHEMES = ["auto", "light", "dark"] as const;

interface Props {
  name: string;
  session: Session;
  notifications: Notifications;
  lock: () => Promise<boolean>;
  signOut: () => Promise<void>;
}

export function SettingsPage({ name, session, notifications, lock, signOut }: Props) {
  const { t, i18n } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <main className={styles.page}>
      <Stack maw={480} w="100%">
        <Title order={1} size="h4">
          {name}
        </Title>
        <PasswordSection keys={session.keys} />
        <CardSection keys={session.keys} owner={ownerOf(session)} />
        <DevicesSection session={session} />
        <NotificationsSection notifications={notifications} />
        <LockSection session={session} lock={lock} />
        <Stack gap={4}>
          <Text size="sm">{t("settings.language")}</Text>
          <SegmentedControl
            size="md"
            value={i18n.language}
            data={LANGUAGES.map((language) => ({ value: language, label: LANGUAGE_NAMES[language] }))}
            onChange={(language) => chooseLanguage(localStorage, language as Language)}
          />
        </Stack>
        <Stack gap={4}>
          <Text size="sm">{t("settings.appearance")}</Text>
          <SegmentedControl
            size="md"
            value={colorScheme}
            data={SCHEMES.map((scheme) => ({ value: scheme, label: t(`settings.${scheme}`) }))}
            onChange={(scheme) => setColorScheme(scheme as (typeof SCHEMES)[number])}
          />
        </Stack>
        <TextSizeChoice />
        <LeaveSection keys={session.keys} signOut={signOut} />
      </Stack>
    </main>
  );
}

function TextSizeChoice() {
  const { t } = useTranslation();
  const [size, setSize] = useState(() => storedTextSize(localStorage));
  return (
    <Stack gap={4}>
      <Text size="sm">{t("settings.textSize")}</Text>
      <SegmentedControl
        size="md"
        value={size}
        data={TEXT_SIZES.map((each) => ({ value: each, label: t(`settings.${each}`) }))}
        onChange={(chosen) => {
          setSize(chosen as TextSize);
          chooseTextSize(localStorage, document.documentElement, chosen as TextSize);
        }}
      />
    </Stack>
  );
}
