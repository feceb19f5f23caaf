import { Anchor, Badge, Group, Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useServerNow } from "../../design/useServerNow";
import { useValue } from "../../design/useValue";
import type { Item } from "../../matrix/item";
import { latestPress } from "../../matrix/presses";
import type { Card, CardLink, CardPatient, Fact } from "../../matrix/systemCard";
import { clockTime } from "../../platform/time";
import type { Conversation } from "../../state/conversation";
import { allowedAddress, hostOf } from "../../state/links";
import { CardActions } from "./CardActions";
import styles from "./Cards.module.css";
import { actionStateOf, isMoving, KINDS, spanText, type TimeState, timeStateOf } from "./cardState";

const SECOND_MS = 1_000;

interface Props {
  card: Card;
  item: Item;
  conversation: Conversation;
}

/** What a system says: which case, of whom, what was found, until when somebody must act, and what can be done. */
export default function CardView({ card, item, conversation }: Props) {
  const { t } = useTranslation();
  const isReady = useValue(conversation.keys) === "ready";
  const pressed = latestPress(useValue(conversation.presses.current).get(item.eventId), item.pressed);
  const action = actionStateOf(card, pressed, isReady, conversation.clock.now());
  const now = useServerNow(conversation.clock, isMoving(card, action) ? SECOND_MS : undefined);
  const { isCritical } = KINDS[card.kind];
  return (
    <section className={styles.card} data-critical={isCritical} aria-label={t(`cards.kind.${card.kind}`)}>
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <Badge variant={isCritical ? "filled" : "light"} color={isCritical ? "red.9" : "accent"} radius="sm">
          {t(`cards.kind.${card.kind}`)}
        </Badge>
        <Text size="sm" fw={600}>
          {card.stateLabel}
        </Text>
      </Group>
      <Text fw={600} size="lg" className={styles.title ?? ""}>
        {card.title}
      </Text>
      {card.patient && <Patient patient={card.patient} />}
      {card.facts.length > 0 && <Facts facts={card.facts} isCritical={isCritical} />}
      <Time time={timeStateOf(card, now)} />
      {conversation.mayAct && (
        <CardActions
          card={card}
          state={actionStateOf(card, pressed, isReady, now)}
          press={(press) => conversation.press(item, press)}
        />
      )}
      {card.links.length > 0 && <Links links={card.links} hosts={conversation.linkHosts} />}
    </section>
  );
}

/** Two identifiers, always together; where somebody lies comes after who it is. */
function Patient({ patient }: { patient: CardPatient }) {
  const { t } = useTranslation();
  return (
    <div className={styles.patient}>
      <Text fw={600}>
        <span className="unseen">{t("cards.patient")} </span>
        <bdi>{patient.name}</bdi>
      </Text>
      {patient.identifiers.map(({ label, value }) => (
        <Text key={label} className={styles.identifier ?? ""}>
          <Text span c="dimmed" size="sm">
            {label}
          </Text>{" "}
          <bdi className="figures">{value}</bdi>
        </Text>
      ))}
      {patient.place !== "" && <Text>{patient.place}</Text>}
    </div>
  );
}

function Facts({ facts, isCritical }: { facts: readonly Fact[]; isCritical: boolean }) {
  const { t } = useTranslation();
  return (
    <Table className={styles.facts ?? ""} verticalSpacing={4} horizontalSpacing="xs" aria-label={t("cards.facts")}>
      <Table.Tbody>
        {facts.map((fact, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a finding has no name but its place.
          <FactRow key={index} fact={fact} isCritical={isCritical} />
        ))}
      </Table.Tbody>
    </Table>
  );
}

const ARROWS = { HH: "↑↑", H: "↑", LL: "↓↓", L: "↓", AA: "!!", A: "!", N: "" } as const;

function FactRow({ fact, isCritical }: { fact: Fact; isCritical: boolean }) {
  const { t } = useTranslation();
  const { label, value, unit, flag, reference } = fact;
  const isRed = isCritical && (flag === "HH" || flag === "LL" || flag === "AA");
  return (
    <Table.Tr data-red={isRed}>
      <Table.Th scope="row" fw={400}>
        {label}
      </Table.Th>
      <Table.Td className={styles.value ?? ""}>
        <bdi>
          <strong>{value}</strong> {unit}
        </bdi>
        {flag !== undefined && flag !== "N" && (
          <span title={t(`cards.flag.${flag}`)}>
            {" "}
            <span aria-hidden>{ARROWS[flag]}</span>
            <span className="unseen">{t(`cards.flag.${flag}`)}</span>
          </span>
        )}
        {reference !== "" && (
          <Text size="xs" c="dimmed">
            {t("cards.reference", { reference })}
          </Text>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

/** Until when, by the server's clock. Read out once, not each second. */
function Time({ time }: { time: TimeState }) {
  const { t, i18n } = useTranslation();
  switch (time.kind) {
    case "none":
      return null;
    case "unmeasured":
      return <Text size="sm">{t("cards.until", { time: clockTime(time.deadline, i18n.language) })}</Text>;
    case "running":
      return (
        <Text role="timer" className="figures">
          {t("cards.left")} <strong>{spanText(time.leftMs)}</strong>
        </Text>
      );
    case "over":
      return (
        <Text role="timer" className="figures" fw={600}>
          {t("cards.over", { span: spanText(time.sinceMs) })}
        </Text>
      );
  }
}

function Links({ links, hosts }: { links: readonly CardLink[]; hosts: Conversation["linkHosts"] }) {
  const allowed = useValue(hosts);
  return (
    <Group gap="xs">
      {links.map((link) => (
        <LinkTo key={link.label + link.url} link={link} address={allowedAddress(link.url, allowed)} />
      ))}
    </Group>
  );
}

function LinkTo({ link, address }: { link: CardLink; address: string | undefined }) {
  const { t } = useTranslation();
  if (address === undefined) {
    return (
      <Text size="xs" c="dimmed">
        {t("cards.linkRefused", { label: link.label, host: hostOf(link.url) })}
      </Text>
    );
  }
  return (
    <Anchor href={address} target="_blank" rel="noopener noreferrer" className={styles.link ?? ""} underline="always">
      {link.label}
    </Anchor>
  );
}
