import { ActionIcon, Text, UnstyledButton } from "@mantine/core";
import { IconArrowBackUp, IconDots } from "@tabler/icons-react";
import { type KeyboardEvent, type MouseEvent, memo, type PointerEvent, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Portrait } from "../../design/Portrait";
import type { Item } from "../../matrix/item";
import { isolated } from "../../platform/direction";
import type { Conversation } from "../../state/conversation";
import { Body } from "./Body";
import { AckBar, Foot, Reactions } from "./Marks";
import { RecalledLine } from "./Notices";
import type { Open } from "./Overlays";
import styles from "./Timeline.module.css";

export interface LineProps {
  item: Item;
  isFollowing: boolean;
  /** The time stands once, below the last of what belongs together. */
  isFollowed: boolean;
  isLit: boolean;
  othersCount: number;
  conversation: Conversation;
  jump: (eventId: string) => void;
  show: (next: Open) => void;
}

/** One message. Drawn anew only when something about it has changed. */
export const MessageLine = memo(function MessageLine(props: LineProps) {
  const { item, isFollowing, isLit, conversation, show } = props;
  const { t } = useTranslation();
  const line = useRef<HTMLElement>(null);
  const menu = (x: number, y: number) => {
    if (line.current !== null) show({ kind: "menu", item, x, y, line: line.current });
  };
  const asking = useAsking(menu);
  if (item.kind === "recalled") return <RecalledLine item={item} />;
  return (
    <article
      ref={line}
      className={styles.line}
      data-own={item.isOwn}
      data-lit={isLit}
      data-mentioned={item.mentionsMe}
      data-card={item.card !== undefined}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the menu of a message is opened from here by keyboard.
      tabIndex={0}
      {...asking}
    >
      {isFollowing ? <span className={styles.gutter} /> : <Portrait name={item.senderName} />}
      <div className={styles.message}>
        {!isFollowing && !item.isOwn && (
          <Text size="xs" c="dimmed">
            {item.senderName}
          </Text>
        )}
        <Quoted item={item} jump={props.jump} />
        <Body item={item} conversation={conversation} openPicture={() => show({ kind: "picture", item })} />
        <AckBar item={item} conversation={conversation} show={show} />
        <Reactions item={item} react={(key) => conversation.react(item, key)} />
        <Foot {...props} />
      </div>
      <div className={styles.tools}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={32}
          tabIndex={-1}
          aria-label={t("timeline.reply")}
          onClick={() => conversation.draft.reply(item)}
        >
          <IconArrowBackUp size={18} aria-hidden />
        </ActionIcon>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={32}
          tabIndex={-1}
          aria-label={t("timeline.more")}
          onClick={(event) => menu(event.clientX, event.clientY)}
        >
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </div>
    </article>
  );
});

const LONG_PRESS_MS = 450;
const SLIP_PX = 10;
const MENU_FROM_END_PX = 336;

/** The ways to ask for a message's menu: right click, long press, context key and Shift+F10. */
function useAsking(menu: (x: number, y: number) => void) {
  const press = useRef<{ timer: ReturnType<typeof setTimeout>; x: number; y: number }>(undefined);
  const end = () => clearTimeout(press.current?.timer);
  return {
    onContextMenu: (event: MouseEvent) => {
      // Marked text and links keep the browser's own menu.
      if (event.target instanceof HTMLAnchorElement || !(getSelection()?.isCollapsed ?? true)) return;
      event.preventDefault();
      end();
      menu(event.clientX, event.clientY);
    },
    onKeyDown: (event: KeyboardEvent<HTMLElement>) => {
      const isAsked = event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey) || event.key === "Enter";
      if (!isAsked || event.target !== event.currentTarget) return;
      event.preventDefault();
      const { left, right, top, height } = event.currentTarget.getBoundingClientRect();
      menu(event.currentTarget.dataset.own === "true" ? right - MENU_FROM_END_PX : left + 64, top + height / 2);
    },
    onPointerDown: ({ pointerType, clientX: x, clientY: y }: PointerEvent) => {
      end();
      if (pointerType !== "mouse") press.current = { timer: setTimeout(() => menu(x, y), LONG_PRESS_MS), x, y };
    },
    onPointerMove: ({ clientX, clientY }: PointerEvent) => {
      const from = press.current;
      if (from && Math.hypot(clientX - from.x, clientY - from.y) > SLIP_PX) end();
    },
    onPointerUp: end,
    onPointerCancel: end,
  };
}

function Quoted({ item, jump }: { item: Item; jump: (eventId: string) => void }) {
  const { t } = useTranslation();
  const { replyTo, quote } = item;
  if (replyTo === undefined) return null;
  return (
    <UnstyledButton
      className={styles.quote ?? ""}
      aria-label={quote && t("timeline.jumpToQuote", { name: quote.senderName })}
      onClick={() => jump(replyTo)}
    >
      <Text size="xs" c="dimmed" lineClamp={2}>
        {quote === undefined ? t("timeline.quote") : `${isolated(quote.senderName)}：${isolated(quotedText(quote, t))}`}
      </Text>
    </UnstyledButton>
  );
}

function quotedText(quote: NonNullable<Item["quote"]>, t: ReturnType<typeof useTranslation>["t"]): string {
  if (quote.kind === "text") return quote.text;
  if (quote.kind === "recalled") return t("timeline.quoteRecalled");
  if (quote.kind === "waiting" || quote.kind === "unreadable" || quote.kind === "change") return t("timeline.waiting");
  return `${t(`timeline.${quote.kind}`)} ${quote.text}`;
}
