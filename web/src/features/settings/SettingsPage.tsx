import { Button, Group, Modal, SegmentedControl, Stack, Text, Title, useMantineColorScheme } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { chooseLanguage, LANGUAGES, type Language } from "../../app/i18n";
import { chooseTextSize, storedTextSize, TEXT_SIZES, type TextSize } from "../../platform/textSize";
import styles from "./Settings.module.css";

const LANGUAGE_NAMES: Record<Language, string> = { "zh-CN": "中文", en: "English" };
const SCHEMES = ["auto", "light", "dark"] as const;

interface Props {
  name: string;
  signOut: () => Promise<void>;
}

export function SettingsPage({ name, signOut }: Props) {
  const { t, i18n } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <main className={styles.page}>
      <Stack maw={480} w="100%">
        <Title order={1} size="h4">
          {name}
        </Title>
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
        <SignOut signOut={signOut} />
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

function SignOut({ signOut }: { signOut: () => Promise<void> }) {
  const { t } = useTranslation();
  const [isAsking, setIsAsking] = useState(false);
  const [isLeaving, setIsLeaving] = useState(false);
  const leave = () => {
    setIsLeaving(true);
    signOut().finally(() => setIsLeaving(false));
  };
  return (
    <>
      <Button variant="default" size="md" onClick={() => setIsAsking(true)}>
        {t("settings.signOut")}
      </Button>
      <Modal opened={isAsking} onClose={() => setIsAsking(false)} title={t("settings.signOut")} centered>
        <Stack>
          <Text>{t("settings.signOutQuestion")}</Text>
          <Group justify="flex-end">
            <Button variant="default" size="md" onClick={() => setIsAsking(false)}>
              {t("settings.cancel")}
            </Button>
            <Button color="orange" size="md" onClick={leave} loading={isLeaving}>
              {t("settings.signOut")}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
