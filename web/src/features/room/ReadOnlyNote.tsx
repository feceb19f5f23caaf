import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useValue } from "../../design/useValue";
import type { RoomDetails } from "../../matrix/groups";
import styles from "./RoomView.module.css";

const NAMED = 3;

/** In place of the composer where the person does not write: who does. */
export function ReadOnlyNote({ details }: { details: RoomDetails }) {
  const { t } = useTranslation();
  const writers = useValue(details).members.filter((member) => member.isModerator);
  const names = writers.slice(0, NAMED).map((member) => member.name);
  return (
    <Text size="sm" ta="center" p="md" className={styles.quiet ?? ""}>
      {names.length === 0 ? t("room.readOnly") : t("room.readOnlyBut", { names: names.join("、") })}
    </Text>
  );
}
