import { Anchor } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { NoteLine } from "../../design/NoteLine";
import { useValue } from "../../design/useValue";
import type { Value } from "../../platform/value";
import type { SilentService } from "../../state/serviceWatch";
import styles from "./Cards.module.css";

/** Which systems do not answer, and whom to telephone instead. */
export function SilentNote({ silent }: { silent: Value<readonly SilentService[]> }) {
  const { t } = useTranslation();
  const services = useValue(silent);
  if (services.length === 0) return null;
  return (
    <NoteLine isWarning label={t("cards.silentLabel")}>
      {services.map((service) => (
        <SilentLine key={service.userId} service={service} />
      ))}
    </NoteLine>
  );
}

function SilentLine({ service }: { service: SilentService }) {
  const { t } = useTranslation();
  const { title, minutes, phone } = service;
  return (
    <div className={styles.silent}>
      <span>{t(phone === undefined ? "cards.silent" : "cards.silentCall", { title, count: minutes })}</span>
      {phone !== undefined && (
        <Anchor
          href={`tel:${encodeURIComponent(phone)}`}
          c="inherit"
          fw={700}
          underline="always"
          className={styles.link ?? ""}
        >
          {phone}
        </Anchor>
      )}
    </div>
  );
}
