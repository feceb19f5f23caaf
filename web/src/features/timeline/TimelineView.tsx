import { Loader, Text } from "@mantine/core";
import { useEffect, useLayoutEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { VList, type VListHandle } from "virtua";
import { useValue } from "../../design/useValue";
import type { Item } from "../../matrix/item";
import type { Timeline } from "../../matrix/timeline";
import { dayName, startOfDay } from "../../platform/time";
import { Line } from "./Line";
import styles from "./Timeline.module.css";

const NEAR_PX = 400;

export function TimelineView({ timeline, retry }: { timeline: Timeline; retry: (eventId: string) => void }) {
  const { t, i18n } = useTranslation();
  const { items, isLoading, hasOlder } = useValue(timeline.state);
  const list = useRef<VListHandle>(null);
  const isAtEnd = useRef(true);
  const latest = items.at(-1)?.id;
  const oldest = items[0]?.id;
  const shownOldest = useRef(oldest);
  // Only while older messages come in above does the list keep its place from the end.
  const isPrepended = shownOldest.current !== undefined && shownOldest.current !== oldest;
  useLayoutEffect(() => {
    shownOldest.current = oldest;
  }, [oldest]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new last message is what to follow.
  useEffect(() => {
    if (isAtEnd.current) list.current?.scrollToIndex(items.length, { align: "end" });
  }, [latest]);
  const scrolled = (offset: number) => {
    const shown = list.current;
    if (shown === null) return;
    isAtEnd.current = offset + shown.viewportSize > shown.scrollSize - NEAR_PX / 4;
    if (offset < NEAR_PX) timeline.loadOlder();
  };
  return (
    <VList
      ref={list}
      shift={isPrepended}
      className={styles.list ?? ""}
      role="log"
      aria-live="polite"
      onScroll={scrolled}
    >
      <Text key="top" c="dimmed" size="sm" ta="center" p="md" component="div">
        {isLoading ? <Loader size="sm" aria-label={t("timeline.loading")} /> : !hasOlder && t("timeline.beginning")}
      </Text>
      {items.map((item, index) => (
        <div key={item.id}>
          {isNewDay(items[index - 1], item) && (
            <Text size="xs" c="dimmed" ta="center" py="sm">
              {dayName(item.at, i18n.language)}
            </Text>
          )}
          <Line item={item} isFollowing={isFollowing(items[index - 1], item)} retry={retry} />
        </div>
      ))}
    </VList>
  );
}

function isNewDay(before: Item | undefined, item: Item): boolean {
  return before === undefined || startOfDay(before.at) !== startOfDay(item.at);
}

const TOGETHER_MS = 5 * 60_000;

/** Whether a message continues what the same person said just before. */
function isFollowing(before: Item | undefined, item: Item): boolean {
  return (
    before !== undefined &&
    before.senderId === item.senderId &&
    before.kind !== "change" &&
    before.kind !== "recalled" &&
    item.at - before.at < TOGETHER_MS
  );
}
