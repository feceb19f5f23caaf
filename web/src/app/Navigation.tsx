import { Text, UnstyledButton } from "@mantine/core";
import { IconMessageCircle, IconPhoneCall, IconUser, IconUsers } from "@tabler/icons-react";
import type { ComponentType, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useRoute } from "wouter";
import styles from "./Navigation.module.css";
import type { Words } from "./words";

interface Place {
  path: string;
  name: Exclude<keyof Words["navigation"], "label">;
  Icon: ComponentType<{ size: number }>;
}

/** In the order of Alt and a digit. */
export const PLACES: readonly Place[] = [
  { path: "/rooms", name: "conversations", Icon: IconMessageCircle },
  { path: "/people", name: "people", Icon: IconUsers },
  { path: "/duty", name: "duty", Icon: IconPhoneCall },
  { path: "/settings", name: "settings", Icon: IconUser },
];

/** The main menu: a rail beside the page, a bar under it on a phone. */
export function Navigation({ children }: { children?: ReactNode }) {
  const { t } = useTranslation();
  return (
    <nav className={styles.menu} aria-label={t("navigation.label")}>
      {PLACES.map((place) => (
        <PlaceLink key={place.path} place={place} />
      ))}
      {children}
    </nav>
  );
}

function PlaceLink({ place }: { place: Place }) {
  const { t } = useTranslation();
  const [isHere] = useRoute(`${place.path}/*?`);
  return (
    <UnstyledButton
      component={Link}
      href={place.path}
      className={styles.place ?? ""}
      aria-current={isHere ? "page" : undefined}
    >
      <place.Icon size={22} />
      <Text size="xs">{t(`navigation.${place.name}`)}</Text>
    </UnstyledButton>
  );
}
