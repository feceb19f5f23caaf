import { Box, Group, SimpleGrid, Text, UnstyledButton } from "@mantine/core";
import { IconBackspace } from "@tabler/icons-react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { PIN_DIGITS } from "./pin";
import styles from "./Ward.module.css";

interface Props {
  /** How many digits are there. */
  count: number;
  isDisabled?: boolean;
  press: (digit: string) => void;
  erase: () => void;
}

const DIGITS = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

/** Ten large keys, for fingers in gloves; the keyboard's digits do the same. */
export function PinPad({ count, isDisabled = false, press, erase }: Props) {
  const { t } = useTranslation();
  useEffect(() => {
    const typed = ({ key, ctrlKey, metaKey, altKey }: KeyboardEvent) => {
      if (isDisabled || ctrlKey || metaKey || altKey) return;
      if (/^\d$/.test(key)) press(key);
      else if (key === "Backspace") erase();
    };
    window.addEventListener("keydown", typed);
    return () => window.removeEventListener("keydown", typed);
  }, [isDisabled, press, erase]);
  return (
    <Box w={300} maw="100%" mx="auto">
      <Group justify="center" gap="md" h={44} role="status" aria-label={t("ward.digits", { count })}>
        {Array.from({ length: PIN_DIGITS }, (_, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: they have no other names.
          <span key={at} className={styles.dot} data-filled={at < count} />
        ))}
      </Group>
      <SimpleGrid cols={3} spacing="sm">
        {DIGITS.map((digit) => (
          <Key key={digit} label={digit} isDisabled={isDisabled} press={() => press(digit)} />
        ))}
        <span />
        <Key label="0" isDisabled={isDisabled} press={() => press("0")} />
        <UnstyledButton className={styles.key ?? ""} onClick={erase} disabled={isDisabled} aria-label={t("ward.erase")}>
          <IconBackspace size={26} aria-hidden />
        </UnstyledButton>
      </SimpleGrid>
    </Box>
  );
}

function Key({ label, isDisabled, press }: { label: string; isDisabled: boolean; press: () => void }) {
  return (
    <UnstyledButton className={styles.key ?? ""} onClick={press} disabled={isDisabled}>
      <Text size="xl" fw={600} span>
        {label}
      </Text>
    </UnstyledButton>
  );
}
