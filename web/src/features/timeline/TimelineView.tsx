import { Button, Loader, Text } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { type RefObject, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { VList, type VListHandle } from "virtua";
import { Boundary } from "../../design/Boundary";
import { useValue } from "../../design/useValue";
import type { RoomList } from "../../matrix/rooms";
import type { Conversation } from "../../state/conversation";
import { withIdentities } from "../../state/identityLines";
import { linesOf, type Line as TimelineLine } from "../../state/lines";
import { DayLine, UnreadLine } from "./Dividers";
import { MessageLine } from "./MessageLine";
import { BrokenLine, ChangesLine } from "./Notices";
import { type Open, Overlays } from "./Overlays";
import styles from "./Timeline.module.css";

const NEAR_PX = 400;
const LIT_MS = 2_000;

interface Props {
  conversation: Conversation;
  rooms: RoomList;
}

export function TimelineView({ conversation, rooms }: Props) {
  const { t } = useTranslation();
  const { items, isLoading, hasOlder, hasNewer, others, unread: unreadBelow } = useValue(conversation.timeline.state);
  const unreadAfter = useValue(conversation.unreadAfter);
  const identityChanges = useValue(conversation.identityChanges);
  const lines = useMemo(
    () => withIdentities(linesOf(items, unreadAfter), identityChanges, others, hasNewer),
    [items, unreadAfter, identityChanges, others, hasNewer],
  );
  const list = useRef<VListHandle>(null);
  const frame = useRef<HTMLDivElement>(null);
  const unread = lines.findIndex((line) => line.kind === "unread");
  const place = usePlace(conversation, list, frame, lines, hasNewer);
  const jump = useJump(conversation, list, lines, place);
  useStart(conversation, list, unread, hasNewer, place, jump.to);
  const unreadCount = useValue(conversation.unreadCount);
  const [opened, setOpened] = useState<Open>();
  const show = useCallback((next: Open) => setOpened(next), []);
  const toUnread = () => {
    if (unread >= 0) list.current?.scrollToIndex(unread + 1, { align: "start" });
    else if (unreadAfter !== undefined) jump.to(unreadAfter);
  };
  return (
    <div ref={frame} className={styles.frame}>
      <VList
        ref={list}
        shift={usePrepended(lines)}
        className={styles.list ?? ""}
        role="log"
        aria-label={t("timeline.label")}
        aria-live="polite"
        onScroll={place.scrolled}
      >
        <Text key="top" c="dimmed" size="sm" ta="center" p="md" component="div">
          {isLoading ? <Loader size="sm" aria-label={t("timeline.loading")} /> : !hasOlder && t("timeline.beginning")}
        </Text>
        {lines.map((line) => (
          <div key={line.key}>
            {line.kind === "day" && <DayLine at={line.at} />}
            {line.kind === "unread" && <UnreadLine />}
            {line.kind === "changes" && <ChangesLine line={line} />}
            {line.kind === "message" && (
              <Boundary fallback={<BrokenLine />}>
                <MessageLine
                  item={line.item}
                  isFollowing={line.isFollowing}
                  isFollowed={line.isFollowed}
                  isLit={line.item.eventId === jump.lit}
                  othersCount={others.length}
                  conversation={conversation}
                  jump={jump.to}
                  show={show}
                />
              </Boundary>
            )}
          </div>
        ))}
      </VList>
      <Jumps
        toUnread={unreadAfter !== undefined && unread + 1 < place.first ? toUnread : undefined}
        unreadCount={unreadCount}
        toLatest={place.isAtEnd ? undefined : place.toLatest}
        unreadBelow={unreadBelow}
      />
      <Overlays
        opened={opened}
        conversation={conversation}
        rooms={rooms}
        show={show}
        close={() => setOpened(undefined)}
      />
    </div>
  );
}

interface JumpsProps {
  toUnread: (() => void) | undefined;
  unreadCount: number;
  unreadBelow: number;
  toLatest: (() => void) | undefined;
}

/** The ways out of the middle of a conversation; each is there only while it leads somewhere. */
function Jumps({ toUnread, unreadCount, toLatest, unreadBelow }: JumpsProps) {
  const { t } = useTranslation();
  return (
    <>
      {toUnread && (
        <Button
          className={styles.toUnread ?? ""}
          size="sm"
          radius="xl"
          leftSection={<IconArrowUp size={16} aria-hidden />}
          onClick={toUnread}
        >
          {unreadCount > 0 ? t("timeline.unreadCount", { count: unreadCount }) : t("timeline.toUnread")}
        </Button>
      )}
      {toLatest && (
        <Button
          className={styles.toLatest ?? ""}
          size="sm"
          radius="xl"
          variant="default"
          aria-label={t("timeline.toLatest")}
          onClick={toLatest}
        >
          <IconArrowDown size={20} aria-hidden />
          {unreadBelow > 0 && <span className="figures">{unreadBelow > 99 ? "99+" : unreadBelow}</span>}
        </Button>
      )}
    </>
  );
}

/** Whether older messages have come in above: only then does the list keep its place from the end. */
function usePrepended(lines: readonly TimelineLine[]): boolean {
  const oldest = lines[0]?.key;
  const shown = useRef(oldest);
  const isPrepended = shown.current !== undefined && shown.current !== oldest;
  useLayoutEffect(() => {
    shown.current = oldest;
  }, [oldest]);
  return isPrepended;
}

/** Where in the conversation the person is: followed at its end, and read as far as it is on the screen. */
function usePlace(
  conversation: Conversation,
  list: RefObject<VListHandle | null>,
  frame: RefObject<HTMLElement | null>,
  lines: readonly TimelineLine[],
  hasNewer: boolean,
) {
  const [seen, setSeen] = useState({ first: 0, isAtEnd: true });
  const isAtEnd = useRef(true);
  // Before the person is where they begin, nothing has been read.
  const isPlaced = useRef(false);
  const markRead = useCallback(() => {
    const shown = list.current;
    if (shown === null || document.visibilityState !== "visible" || !isPlaced.current) return;
    const last = shown.findItemIndex(shown.scrollOffset + shown.viewportSize - 1);
    const line = lines.slice(0, last).findLast((each) => each.kind === "message");
    if (line?.kind === "message") conversation.read(line.item);
  }, [conversation, list, lines]);
  useFollowing(list, frame, lines, isAtEnd, hasNewer);
  useEffect(() => {
    // The list measures what is new before it can say what is on the screen.
    const soon = requestAnimationFrame(() => requestAnimationFrame(markRead));
    document.addEventListener("visibilitychange", markRead);
    return () => {
      cancelAnimationFrame(soon);
      document.removeEventListener("visibilitychange", markRead);
    };
  }, [markRead]);
  const scrolled = (offset: number) => {
    const shown = list.current;
    if (shown === null) return;
    const belowPx = shown.scrollSize - shown.viewportSize - offset;
    isAtEnd.current = belowPx < NEAR_PX / 4 && !hasNewer;
    const now = { first: shown.findItemIndex(offset), isAtEnd: isAtEnd.current };
    setSeen((before) => (before.first === now.first && before.isAtEnd === now.isAtEnd ? before : now));
    if (offset < NEAR_PX) conversation.timeline.loadOlder();
    if (belowPx < NEAR_PX) conversation.timeline.loadNewer();
    markRead();
  };
  const toLatest = async () => {
    isAtEnd.current = true;
    if (hasNewer) await conversation.timeline.toLatest();
    else list.current?.scrollToIndex(lines.length, { align: "end" });
  };
  const begin = () => {
    isPlaced.current = true;
    scrolled(list.current?.scrollOffset ?? 0);
  };
  const leaveEnd = useCallback(() => {
    isAtEnd.current = false;
  }, []);
  return { ...seen, scrolled, toLatest, begin, leaveEnd, isPlaced };
}

/** Whoever is at the end stays there: when messages come, when the last grows, and when the composer takes room. */
function useFollowing(
  list: RefObject<VListHandle | null>,
  frame: RefObject<HTMLElement | null>,
  lines: readonly TimelineLine[],
  isAtEnd: RefObject<boolean>,
  hasNewer: boolean,
) {
  const count = useRef(lines.length);
  useEffect(() => {
    count.current = lines.length;
    const follow = () => isAtEnd.current && !hasNewer && list.current?.scrollToIndex(count.current, { align: "end" });
    follow();
    const soon = requestAnimationFrame(() => requestAnimationFrame(follow));
    const observer = new ResizeObserver(follow);
    if (frame.current !== null) observer.observe(frame.current);
    return () => {
      cancelAnimationFrame(soon);
      observer.disconnect();
    };
  }, [list, frame, lines, isAtEnd, hasNewer]);
}

/** Going to a message, wherever it is; it is lit for a moment, so that the eye finds it. */
function useJump(
  conversation: Conversation,
  list: RefObject<VListHandle | null>,
  lines: readonly TimelineLine[],
  { leaveEnd }: { leaveEnd: () => void },
) {
  const [target, setTarget] = useState<string>();
  const [lit, setLit] = useState<string>();
  const index = lines.findIndex((line) => line.kind === "message" && line.item.eventId === target);
  useEffect(() => {
    if (target === undefined || index < 0) return;
    list.current?.scrollToIndex(index + 1, { align: "center" });
    setTarget(undefined);
    setLit(target);
  }, [list, target, index]);
  useEffect(() => {
    if (lit === undefined) return;
    const timer = setTimeout(() => setLit(undefined), LIT_MS);
    return () => clearTimeout(timer);
  }, [lit]);
  const to = useCallback(
    (eventId: string) => {
      leaveEnd();
      conversation.timeline.reveal(eventId).then((isFound) => isFound && setTarget(eventId));
    },
    [conversation, leaveEnd],
  );
  return { to, lit };
}

/** Where somebody begins: at a message they look for, at what is new where that is more than a screen, at the end. */
function useStart(
  conversation: Conversation,
  list: RefObject<VListHandle | null>,
  unread: number,
  hasNewer: boolean,
  place: { isPlaced: RefObject<boolean>; begin: () => void; leaveEnd: () => void },
  jump: (eventId: string) => void,
) {
  const isOpen = useValue(conversation.isOpen);
  const wanted = useValue(conversation.jumpTo);
  const latest = useRef(place);
  latest.current = place;
  useEffect(() => {
    if (!isOpen || wanted === undefined) return;
    conversation.jumpTo.set(undefined);
    latest.current.isPlaced.current = true;
    jump(wanted);
  }, [conversation, isOpen, wanted, jump]);
  useEffect(() => {
    if (!isOpen || latest.current.isPlaced.current) return;
    const begin = () => {
      const shown = list.current;
      if (shown === null) return;
      const endPx = shown.scrollSize - shown.viewportSize;
      const isAbove = hasNewer || shown.getItemOffset(unread + 1) < endPx;
      if (unread < 0 || !isAbove) return latest.current.begin();
      // What has been read is said when the list is there, by its own scrolling.
      latest.current.leaveEnd();
      latest.current.isPlaced.current = true;
      shown.scrollToIndex(unread + 1, { align: "start" });
    };
    // The list measures first, and goes to its end.
    let soon = requestAnimationFrame(() => {
      soon = requestAnimationFrame(begin);
    });
    return () => cancelAnimationFrame(soon);
  }, [isOpen, list, unread, hasNewer]);
}
